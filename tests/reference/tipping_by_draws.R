# The tipping point of fdd by draws: prop2 as imputed twenty times by mice (responders.json), ten points better with E so
# that there is a finding; the values drawn for E made worse by delta in every set, lm with HC3, mice::pool.scalar, and by
# uniroot the delta at which p is 0.05. Run in this folder: Rscript tipping_by_draws.R > tipping_by_draws.json
suppressPackageStartupMessages({ library(mice); library(sandwich); library(jsonlite) })
sets <- fromJSON("responders.json")
fdd <- read.csv("fdd.csv")
fdd <- fdd[!is.na(fdd$prop1), ]
fdd <- fdd[order(fdd$trt), ]
stopifnot(all(fdd$trt == sets$arm), all.equal(fdd$prop1, sets$before))
moved <- is.na(fdd$prop2) & fdd$trt == "E"
better <- 10
completed <- t(sets$completed) - better * (fdd$trt == "E")

pooled <- function(delta) {
  each <- apply(completed, 2, function(after) {
    fit <- lm(after + delta * moved ~ trt + prop1, fdd)
    c(coef(fit)[["trtE"]], vcovHC(fit, "HC3")["trtE", "trtE"])
  })
  p <- pool.scalar(each[1, ], each[2, ], n = nrow(fdd), k = 3)
  se <- sqrt(p$t)
  list(delta = delta, estimate = p$qbar, se = se, df = p$df, p = 2 * pt(-abs(p$qbar / se), p$df))
}
tip <- uniroot(function(delta) pooled(delta)$p - .05, c(0, 60), tol = 1e-12)$root
write(toJSON(list(
  made_with = list(R = R.version.string, mice = as.character(packageVersion("mice")),
                   sandwich = as.character(packageVersion("sandwich"))),
  better = better, moved = moved, rows = lapply(c(0, 5, 20, tip), pooled), tip = tip), auto_unbox = TRUE, digits = NA), stdout())
