# What a plan makes of the last period of epilepsy.csv with gaps where each arm has slopes of its own: the average difference and
# adjusted means by lm with interactions and vcovHC (HC3, HC2), and estimatr::lm_lin beside them. About a population, the
# covariates' means are uncertain too: slopes times their covariance over n is added.
# Run in this folder: Rscript planned_own_slopes.R > planned_own_slopes.json
suppressPackageStartupMessages({ library(sandwich); library(estimatr); library(jsonlite) })

d <- read.csv("epilepsy.csv")
d$person <- seq_len(nrow(d))
d$after4[d$person %% 9 == 0] <- NA
d$before[d$person %% 13 == 0] <- NA
complete <- subset(d, !is.na(after4) & !is.na(before))
d$before[is.na(d$before)] <- mean(d$before, na.rm = TRUE) # over everyone randomised
seen <- subset(d, !is.na(after4))

own <- function(d, type) {
  d$b <- d$before - mean(d$before)
  d$a <- d$age - mean(d$age)
  d$arm <- factor(d$treatment, c("placebo", "progabide"))
  model <- lm(after4 ~ 0 + arm + arm:b + arm:a, d)
  slopes <- rbind(coef(model)[c("armplacebo:b", "armplacebo:a")], coef(model)[c("armprogabide:b", "armprogabide:a")])
  given <- vcovHC(model, type = type)[1:2, 1:2]
  v <- given + slopes %*% cov(cbind(d$b, d$a)) %*% t(slopes) / nrow(d)
  of <- function(l) {
    estimate <- sum(l * coef(model)[1:2])
    se <- sqrt(drop(l %*% v %*% l))
    df <- model$df.residual
    list(estimate = estimate, se = se, df = df, p = 2 * pt(-abs(estimate / se), df),
         ci = estimate + c(-1, 1) * qt(.975, df) * se, se_given = sqrt(drop(l %*% given %*% l)))
  }
  list(n = as.list(table(d$treatment)), difference = of(c(-1, 1)), placebo = of(c(1, 0)), progabide = of(c(0, 1)))
}

lin <- lm_lin(after4 ~ treatment, ~ before + age, data = seen, se_type = "HC2")
write(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   estimatr = as.character(packageVersion("estimatr"))),
  planned = list(HC3 = own(seen, "HC3"), HC2 = own(seen, "HC2")), complete = list(HC3 = own(complete, "HC3"), HC2 = own(complete, "HC2")),
  lm_lin = list(estimate = lin$coefficients[["treatmentprogabide"]], se = lin$std.error[["treatmentprogabide"]])),
  auto_unbox = TRUE, digits = NA), stdout())
