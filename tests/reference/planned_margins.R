# What a plan with a margin makes of fdd.csv: prop2 of CBT less EMDR by lm on prop1 with HC3, held against margins by fitting the
# same model to the outcome less the margin in one arm, so that the t test of no difference is that of the margin.
# Run in this folder: Rscript planned_margins.R > planned_margins.json
suppressPackageStartupMessages({ library(sandwich); library(lmtest); library(jsonlite) })

d <- read.csv("fdd.csv")
d$prop1[is.na(d$prop1)] <- mean(d$prop1, na.rm = TRUE)
d <- subset(d, !is.na(prop2))
d$cbt <- as.numeric(d$trt == "C")

fit <- function(by) {
  model <- lm(I(prop2 - by * cbt) ~ cbt + prop1, d)
  t <- coeftest(model, vcov = vcovHC(model, type = "HC3"))["cbt", ]
  df <- model$df.residual
  ends <- function(level) as.numeric(coefci(model, "cbt", level = level, vcov = vcovHC(model, type = "HC3")))
  list(estimate = t[[1]], se = t[[2]], df = df, below = pt(t[[3]], df), above = pt(-t[[3]], df),
       ninety = ends(.9), ninety_five = ends(.95))
}
at <- function(by) list(margin = by, p_below = fit(by)$below, p_above_minus = fit(-by)$above)

write(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   lmtest = as.character(packageVersion("lmtest"))),
  difference = fit(0), margins = lapply(c(1, 6, 9, 12, 15), at)), auto_unbox = TRUE, digits = NA), stdout())
