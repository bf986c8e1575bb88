# What a plan makes of the trial "whole" in clusters.json, with gaps: difference and adjusted means with CR2 by clubSandwich and
# with a random intercept by lme4 and pbkrtest, of everyone with the outcome and of complete cases.
# Run in this folder: Rscript planned_clusters.R > planned_clusters.json
suppressPackageStartupMessages({ library(lme4); library(pbkrtest); library(clubSandwich); library(jsonlite) })

d <- fromJSON("clusters.json")$data$whole
d$person <- seq_len(nrow(d))
d$outcome[d$person %% 9 == 0] <- NA
d$baseline[d$person %% 17 == 0] <- NA
d$half <- ifelse(as.integer(substring(d$cluster, 8)) <= 7, "first", "second")
complete <- subset(d, !is.na(outcome) & !is.na(baseline))
d$baseline[is.na(d$baseline)] <- mean(d$baseline, na.rm = TRUE) # over everyone randomised
seen <- subset(d, !is.na(outcome))

# arms as a mean each, covariates about their means: a coefficient of an arm is its adjusted mean
centred <- function(d) transform(d, baseline = baseline - mean(baseline), half = (half == "second") - mean(half == "second"))
arms <- rbind(difference = c(-1, 1, 0, 0), control = c(1, 0, 0, 0), letter = c(0, 1, 0, 0))

robust <- function(d) {
  model <- lm(outcome ~ 0 + arm + baseline + half, centred(d))
  v <- vcovCR(model, cluster = d$cluster, type = "CR2")
  lapply(as.list(as.data.frame(t(arms))), function(l) {
    t <- linear_contrast(model, vcov = v, contrasts = matrix(l, 1), test = "Satterthwaite", p_values = TRUE)
    list(estimate = t$Est, se = t$SE, df = t$df, p = t$p_val, ci = c(t$CI_L, t$CI_U))
  })
}

intercept <- function(d) {
  tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
  model <- lmer(outcome ~ 0 + arm + baseline + half + (1 | cluster), centred(d), REML = TRUE, control = tight)
  adjusted <- vcovAdj(model)
  v <- as.data.frame(VarCorr(model))$vcov
  found <- lapply(as.list(as.data.frame(t(arms))), function(l) {
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
  planned = said(seen), complete = said(complete)), auto_unbox = TRUE, digits = NA), stdout())
