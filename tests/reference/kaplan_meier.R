# survival::survfit with the interval on the scale of log(-log), of made-up times with ties and censoring.
# Run in this folder: Rscript kaplan_meier.R > kaplan_meier.json
suppressPackageStartupMessages({library(jsonlite); library(survival)})

course <- function(time, event, level = .95) {
  fit <- summary(survfit(Surv(time, event) ~ 1, conf.type = "log-log", conf.int = level), censored = FALSE)
  list(time = time, event = event, level = level, at = fit$time, at_risk = fit$n.risk, events = fit$n.event,
       surviving = fit$surv, se = fit$std.err, low = fit$lower, high = fit$upper)
}

set.seed(19580601, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
draw <- function(n, end, level) {
  time <- pmin(floor(rexp(n, 1 / 40)), end)
  left <- floor(runif(n, 0, 2 * end))
  course(pmin(time, left), time < end & time <= left, level)
}
write(toJSON(list(
  made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
  cases = list(draw(25, 60, .95), draw(200, 90, .9), draw(40, 30, .99), course(c(0, 0, 3, 3, 7, 7), c(TRUE, TRUE, TRUE, FALSE, FALSE, TRUE)),
               course(c(2, 4, 4, 9), c(TRUE, TRUE, FALSE, TRUE)))),
  auto_unbox = TRUE, digits = NA, na = "null"), stdout())
