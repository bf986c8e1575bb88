# Linear models of a trial by lm: Bell-McCaffrey degrees of freedom and joint tests by clubSandwich (everyone a cluster
# of their own), the interaction form by estimatr, a 2 x 2 factorial and subgroups by sandwich and clubSandwich.
# Run in this folder: Rscript linear_models.R > linear_models.json
suppressPackageStartupMessages({ library(estimatr); library(clubSandwich); library(sandwich); library(jsonlite) })

three <- subset(read.csv("three_arms.csv"), !is.na(outcome))
three$arm <- relevel(factor(three$arm), ref = "early_memory")
rownames(three) <- NULL

rows_of <- function(model, term) grep(term, names(coef(model)))

single <- function(model, type, v = vcovCR(model, seq_len(nobs(model)), type = type)) {
  t <- linear_contrast(model, v, contrasts = diag(length(coef(model))), test = "Satterthwaite", p_values = TRUE)
  setNames(lapply(seq_along(coef(model)), function(i)
    list(estimate = t$Est[i], se = t$SE[i], df = t$df[i], low = t$CI_L[i], high = t$CI_U[i], p = t$p_val[i])),
    names(coef(model)))
}

joint <- function(model, type, which) {
  v <- vcovCR(model, seq_len(nobs(model)), type = type)
  w <- Wald_test(model, constrain_zero(which, coef(model)), vcov = v, test = "HTZ")
  list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val)
}

joint_residual <- function(model, v, which) {
  b <- coef(model)[which]
  f <- drop(b %*% solve(v[which, which], b)) / length(which)
  list(f = f, df1 = length(which), df2 = df.residual(model), p = pf(f, length(which), df.residual(model), lower.tail = FALSE))
}

arms <- function(data, formula) {
  model <- lm(formula, data)
  which <- rows_of(model, "^arm")
  list(CR2 = single(model, "CR2"), CR3 = single(model, "CR3"), joint_CR2 = joint(model, "CR2", which),
       joint_CR3 = joint(model, "CR3", which), joint_HC3 = joint_residual(model, vcovHC(model, "HC3"), which),
       joint_HC2 = joint_residual(model, vcovHC(model, "HC2"), which),
       joint_classical = joint_residual(model, vcov(model), which))
}

fdd <- subset(read.csv("fdd.csv"), !is.na(prop2) & !is.na(prop1))
fdd$arm <- relevel(factor(fdd$trt), ref = "E")
rownames(fdd) <- NULL

# Treatment by centred covariates. estimatr takes the covariates as given; about a population the slopes' covariance is
# added in plain R, and Bell-McCaffrey degrees of freedom come from clubSandwich.
own_slopes <- function(data, outcome, covariates) {
  one <- function(type) {
    m <- lm_lin(reformulate("arm", outcome), covariates = covariates, data = data, se_type = type)
    which <- names(coef(m))[grepl("^arm[A-Za-z_]+$", names(coef(m)))]
    setNames(lapply(which, function(k) list(estimate = m$coefficients[[k]], se = m$std.error[[k]], df = m$df[[k]],
      low = m$conf.low[[k]], high = m$conf.high[[k]], p = m$p.value[[k]])), which)
  }
  x <- scale(model.matrix(covariates, data)[, -1, drop = FALSE], scale = FALSE)
  colnames(x) <- paste0("x", seq_len(ncol(x)))
  frame <- data.frame(y = data[[outcome]], arm = data$arm, x)
  model <- lm(reformulate(paste0("arm * (", paste(colnames(x), collapse = " + "), ")"), "y"), frame)
  population <- sapply(setdiff(levels(data$arm), levels(data$arm)[1]), function(a) {
    difference <- coef(model)[paste0("arm", a, ":", colnames(x))]
    drop(difference %*% cov(x) %*% difference) / nrow(x)
  })
  bm <- single(model, "CR2")
  list(HC2 = one("HC2"), HC3 = one("HC3"), CR2 = bm[grepl("^arm[A-Za-z_]+$", names(bm))],
       population = as.list(population))
}

# A 2 x 2 factorial of pretend people, unequal cells and spreads, with codes of one half.
factorial_trial <- function() {
  set.seed(20261127, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  n <- 70
  d <- data.frame(mail = sample(c("kind", "plain"), n, TRUE, c(.6, .4)), call = sample(c("yes", "no"), n, TRUE),
                  baseline = round(rnorm(n, 24, 8)))
  d$outcome <- round(10 + .5 * d$baseline - 3 * (d$mail == "kind") - 2 * (d$call == "yes") +
    2 * (d$mail == "kind") * (d$call == "yes") + rnorm(n, 0, ifelse(d$mail == "kind", 4, 8)))
  d
}

factorial <- function(d) {
  d$x1 <- ifelse(d$mail == "kind", .5, -.5)
  d$x2 <- ifelse(d$call == "yes", .5, -.5)
  model <- lm(outcome ~ x1 * x2 + baseline, d)
  at <- function(x, other) { m <- d; m[[other]] <- m[[other]] - x; k <- lm(outcome ~ x1 * x2 + baseline, m)
    k }
  hc3 <- function(m, k) { s <- sqrt(vcovHC(m, "HC3")[k, k]); list(estimate = coef(m)[[k]], se = s,
    p = 2 * pt(-abs(coef(m)[[k]] / s), df.residual(m))) }
  list(data = d[c("mail", "call", "baseline", "outcome")], CR2 = single(model, "CR2")[c("x1", "x2", "x1:x2")],
       HC3 = lapply(c(x1 = "x1", x2 = "x2", both = "x1:x2"), function(k) hc3(model, k)),
       mail_with_call = hc3(at(.5, "x2"), "x1"), mail_without_call = hc3(at(-.5, "x2"), "x1"),
       call_with_kind = hc3(at(.5, "x1"), "x2"), call_with_plain = hc3(at(-.5, "x1"), "x2"))
}

# Arms within regions: one mean per cell, effects as contrasts of them, and the test that they are one.
subgroups <- function(data, arm, levels) {
  data <- subset(data, region %in% levels)
  data$cell <- factor(paste(data$arm, data$region))
  rownames(data) <- NULL
  model <- lm(outcome ~ 0 + cell + baseline, data)
  rows <- t(sapply(levels, function(l) {
    r <- setNames(numeric(length(coef(model))), names(coef(model)))
    r[paste0("cell", arm, " ", l)] <- 1
    r[paste0("cellearly_memory ", l)] <- -1
    r
  }))
  v <- vcovCR(model, seq_len(nobs(model)), type = "CR2")
  t <- linear_contrast(model, v, contrasts = rows, test = "Satterthwaite", p_values = TRUE)
  apart <- rows[-1, , drop = FALSE] - rows[rep(1, length(levels) - 1), , drop = FALSE]
  w <- Wald_test(model, apart, vcov = v, test = "HTZ")
  v3 <- vcovHC(model, "HC3")
  b <- drop(apart %*% coef(model))
  f <- drop(b %*% solve(apart %*% v3 %*% t(apart), b)) / length(b)
  list(effects = setNames(lapply(seq_along(levels), function(i) list(estimate = t$Est[i], se = t$SE[i], df = t$df[i],
         low = t$CI_L[i], high = t$CI_U[i])), levels),
       interaction_CR2 = list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val),
       interaction_HC3 = list(f = f, df1 = length(b), df2 = df.residual(model),
                              p = pf(f, length(b), df.residual(model), lower.tail = FALSE)))
}

write(toJSON(list(
  made_with = list(R = R.version.string, clubSandwich = as.character(packageVersion("clubSandwich")),
                   sandwich = as.character(packageVersion("sandwich")),
                   estimatr = as.character(packageVersion("estimatr"))),
  fdd = arms(fdd, prop2 ~ arm + prop1),
  three_arms = arms(three, outcome ~ arm + baseline + region),
  unadjusted = arms(three, outcome ~ arm),
  own_slopes_fdd = own_slopes(fdd, "prop2", ~ prop1),
  own_slopes = own_slopes(three, "outcome", ~ baseline + region),
  factorial = factorial(factorial_trial()),
  subgroups = subgroups(three, "letter", c("north", "south", "west")),
  two_subgroups = subgroups(three, "letter", c("north", "south"))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
