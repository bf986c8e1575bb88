# A made-up factorial trial that allocates clusters of unequal size, with gaps: the effects of both factors, their
# interaction and each factor's effect at either level of the other as combinations of the means of the four arms, with CR2
# by clubSandwich and with a random intercept by lme4 and pbkrtest; of everyone with the outcome and of complete cases.
# Run in this folder: Rscript factorial_clusters.R > factorial_clusters.json
suppressPackageStartupMessages({ library(lme4); library(pbkrtest); library(clubSandwich); library(jsonlite) })
set.seed(20261127)

cells <- c("kind_yes", "kind_no", "plain_yes", "plain_no")
sizes <- c(6, 9, 4, 7, 8, 5, 10, 6, 3, 8, 7, 5, 9, 6, 4, 8, 5, 7, 6, 9, 8, 4, 7, 6)
d <- data.frame(cluster = rep(sprintf("cluster%02d", seq_along(sizes)), sizes),
                arm = rep(rep(cells, 6), sizes))
own <- rnorm(length(sizes), sd = 1.2)
d$baseline <- round(12 + rep(own, sizes) * .5 + rnorm(nrow(d), sd = 3), 1)
d$outcome <- round(4 + .6 * d$baseline - 1.5 * grepl("kind", d$arm) - .8 * grepl("yes", d$arm) - .9 * (d$arm == "kind_yes") +
                     rep(own, sizes) + rnorm(nrow(d), sd = 2.5), 1)
people <- d
d$person <- seq_len(nrow(d))
d$outcome[d$person %% 9 == 0] <- NA
d$baseline[d$person %% 13 == 0] <- NA
complete <- subset(d, !is.na(outcome) & !is.na(baseline))
d$baseline[is.na(d$baseline)] <- mean(d$baseline, na.rm = TRUE) # over everyone randomised
seen <- subset(d, !is.na(outcome))

# weights of the means of cells, in their order, and of the baseline
effects <- rbind(mail = c(.5, .5, -.5, -.5, 0), call = c(.5, -.5, .5, -.5, 0), interaction = c(1, -1, -1, 1, 0),
                 mail_at_yes = c(1, 0, -1, 0, 0), mail_at_no = c(0, 1, 0, -1, 0),
                 call_at_kind = c(1, -1, 0, 0, 0), call_at_plain = c(0, 0, 1, -1, 0),
                 kind_yes = c(1, 0, 0, 0, 0), kind_no = c(0, 1, 0, 0, 0), plain_yes = c(0, 0, 1, 0, 0),
                 plain_no = c(0, 0, 0, 1, 0))
centred <- function(d) transform(d, baseline = baseline - mean(baseline), arm = factor(arm, levels = cells))

robust <- function(d) {
  model <- lm(outcome ~ 0 + arm + baseline, centred(d))
  v <- vcovCR(model, cluster = d$cluster, type = "CR2")
  lapply(as.list(as.data.frame(t(effects))), function(l) {
    t <- linear_contrast(model, vcov = v, contrasts = matrix(l, 1), test = "Satterthwaite", p_values = TRUE)
    list(estimate = t$Est, se = t$SE, df = t$df, p = t$p_val, ci = c(t$CI_L, t$CI_U))
  })
}

intercept <- function(d) {
  tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
  model <- lmer(outcome ~ 0 + arm + baseline + (1 | cluster), centred(d), REML = TRUE, control = tight)
  adjusted <- vcovAdj(model)
  v <- as.data.frame(VarCorr(model))$vcov
  found <- lapply(as.list(as.data.frame(t(effects))), function(l) {
    df <- Lb_ddf(l, vcov(model), adjusted)
    se <- sqrt(drop(l %*% as.matrix(adjusted) %*% l))
    estimate <- sum(l * fixef(model))
    list(estimate = estimate, se = se, df = df, p = 2 * pt(-abs(estimate / se), df),
         ci = estimate + c(-1, 1) * qt(.975, df) * se)
  })
  c(found, icc = v[1] / sum(v))
}

said <- function(d) list(n = as.list(table(d$arm)), clusters = as.list(tapply(d$cluster, d$arm, function(x) length(unique(x)))),
                         robust = robust(d), random_intercept = intercept(d))
write(toJSON(list(
  made_with = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                   pbkrtest = as.character(packageVersion("pbkrtest")),
                   clubSandwich = as.character(packageVersion("clubSandwich"))),
  data = people, planned = said(seen), complete = said(complete)), auto_unbox = TRUE, digits = NA), stdout())
