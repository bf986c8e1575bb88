# Trials of clusters, made up with a fixed seed: CR2 with Satterthwaite's degrees of freedom by clubSandwich, a random
# intercept by lme4 (REML) with Kenward-Roger by pbkrtest, and Wald's interval of the ICC by dense matrices in plain R.
# Run in this folder: Rscript clusters.R > clusters.json
suppressPackageStartupMessages({ library(lme4); library(pbkrtest); library(clubSandwich); library(jsonlite) })

set.seed(20261128, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

# Sizes from 1 to 14; the level "other" of a factor occurs in one cluster only.
people <- function(sizes, between, by_cluster = TRUE, arms = c("control", "letter")) {
  m <- length(sizes)
  cluster <- rep(sprintf("school %02d", seq_len(m)), sizes)
  n <- length(cluster)
  arm <- if (by_cluster) rep(rep(arms, length.out = m), sizes) else sample(rep(arms, length.out = n))
  d <- data.frame(cluster, arm, baseline = round(rnorm(n, 24, 8)), sex = sample(c("f", "m"), n, TRUE))
  d$sex[which(cluster == "school 04")[1:2]] <- "other"
  intercept <- rnorm(m, 0, between)
  d$outcome <- round(8 + .5 * d$baseline - 2 * (arm == arms[2]) + rep(intercept, sizes) + rnorm(n, 0, 5), 1)
  d
}

cr2 <- function(d, formula) {
  d$arm <- relevel(factor(d$arm), ref = "control")
  model <- lm(formula, d)
  t <- coef_test(model, vcov = "CR2", cluster = d$cluster, test = "Satterthwaite", coefs = "armletter")
  i <- conf_int(model, vcov = "CR2", cluster = d$cluster, test = "Satterthwaite", coefs = "armletter")
  list(estimate = t$beta, se = t$SE, df = t$df, p = t$p_Satt, low = i$CI_L, high = i$CI_U)
}

icc_interval <- function(d, formula, level) {
  x <- model.matrix(formula, d)
  z <- model.matrix(~ 0 + factor(cluster), d)
  y <- d$outcome
  both <- qr(cbind(x, z))
  sse <- sum(qr.resid(both, y)^2)
  r <- both$rank - ncol(x)
  f <- nrow(x) - both$rank
  pivot <- function(ratio) {
    h <- solve(diag(nrow(x)) + ratio * z %*% t(z))
    res <- y - x %*% solve(t(x) %*% h %*% x, t(x) %*% h %*% y)
    (drop(t(res) %*% h %*% res) - sse) / r / (sse / f)
  }
  end <- function(q) if (pivot(0) <= q) 0 else {
    root <- uniroot(function(k) pivot(k) - q, c(0, 1000), tol = 1e-14)$root
    root / (1 + root)
  }
  c(end(qf(1 - (1 - level) / 2, r, f)), end(qf((1 - level) / 2, r, f)))
}

intercept <- function(d, formula, level = .95) {
  d$arm <- relevel(factor(d$arm), ref = "control")
  tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5), check.conv.singular = "ignore")
  model <- lmer(update(formula, . ~ . + (1 | cluster)), d, REML = TRUE, control = tight)
  l <- as.numeric(names(fixef(model)) == "armletter")
  adjusted <- vcovAdj(model)
  df <- Lb_ddf(l, vcov(model), adjusted)
  se <- sqrt(drop(l %*% as.matrix(adjusted) %*% l))
  estimate <- sum(l * fixef(model))
  v <- as.data.frame(VarCorr(model))$vcov
  interval <- icc_interval(d, formula, level)
  list(estimate = estimate, se = se, df = df, p = 2 * pt(-abs(estimate / se), df), between = v[1], within = v[2],
       model_se = sqrt(vcov(model)["armletter", "armletter"]), icc_low = interval[1], icc_high = interval[2])
}

sizes <- c(1, 9, 3, 14, 6, 2, 7, 5, 11, 4, 8, 1, 6, 10)
whole <- people(sizes, 3)
inside <- people(sizes, 3, by_cluster = FALSE)
three <- people(c(sizes, 5), 2, arms = c("control", "letter", "optimism"))
flat <- people(rep(4, 12), 0)
flat$outcome <- flat$outcome - ave(flat$outcome, flat$cluster) + 10 + .3 * (flat$arm == "letter") + ave(flat$baseline, flat$cluster) / 10
few <- subset(whole, cluster %in% sprintf("school %02d", c(2, 3, 4, 5)))
plain <- outcome ~ arm + baseline
full <- outcome ~ arm + baseline + sex

write(toJSON(list(
  made_with = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                   pbkrtest = as.character(packageVersion("pbkrtest")),
                   clubSandwich = as.character(packageVersion("clubSandwich"))),
  data = list(whole = whole, inside = inside, three = three, flat = flat, few = few),
  cr2 = list(whole = cr2(whole, plain), whole_full = cr2(whole, full), inside = cr2(inside, plain),
             three = cr2(three, plain), few = cr2(few, plain)),
  random = list(whole = intercept(whole, plain), whole_full = intercept(whole, full),
                inside = intercept(inside, plain), three = intercept(three, plain), flat = intercept(flat, plain))),
  auto_unbox = TRUE, digits = NA), stdout())
