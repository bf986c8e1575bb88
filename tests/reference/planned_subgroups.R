# Interaction tests of the small trial, as its plan declares them. Rscript planned_subgroups.R > planned_subgroups.json
suppressPackageStartupMessages({library(jsonlite); library(sandwich)})
rows <- read.csv("small_trial.csv", na.strings = "")
base <- rows[rows$timepoint == "baseline", ]
base$y <- rows$mood[rows$timepoint == "week_6"][match(base$participant, rows$participant[rows$timepoint == "week_6"])]
base$mood[is.na(base$mood)] <- mean(base$mood, na.rm = TRUE)
its <- base[!is.na(base$y), ]
its$arm <- factor(its$arm, levels = c("chores", "gratitude"))
tested <- function(formula, variable) {
  fit <- lm(formula, its)
  v <- vcovHC(fit, "HC3")
  at <- grep("^arm.*:|:arm", names(coef(fit)))
  b <- coef(fit)[at]
  f <- drop(b %*% solve(v[at, at], b)) / length(at)
  list(f = f, df = df.residual(fit), p = pf(f, length(at), df.residual(fit), lower.tail = FALSE),
       first = coef(fit)[["armgratitude"]], first_se = sqrt(v["armgratitude", "armgratitude"]))
}
write(toJSON(list(made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich"))),
  mood_level = tested(y ~ arm * mood_level + mood),
  sleeps_well = tested(y ~ arm * sleeps_well + mood + mood_level)), auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
