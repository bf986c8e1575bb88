# Alpha, its interval and omega of made-up answers, about nobody: psych::alpha, psych::alpha.ci (Feldt), and omega total by hand from psych::fa's loadings.
# The factor analysis is of the covariances, with one factor by minimum residuals.
# Run in this folder: Rscript reliability.R > reliability.json
suppressPackageStartupMessages({ library(jsonlite); library(psych) })
set.seed(20261126, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")

answers <- function(n, loadings, noise, lowest, highest) {
  factor <- rnorm(n)
  raw <- sapply(seq_along(loadings), function(i) loadings[i] * factor + rnorm(n, 0, noise[i]))
  matrix(pmin(highest, pmax(lowest, round((lowest + highest) / 2 + raw))), n)
}

one <- function(items) {
  correlations <- fa(items, nfactors = 1, fm = "minres", min.err = 1e-12)
  spread <- apply(items, 2, sd)
  loadings <- as.numeric(correlations$loadings) * spread
  unique <- spread^2 - loadings^2
  if (sum(loadings) < 0) loadings <- -loadings
  alpha <- psych::alpha(items, warnings = FALSE)$total$raw_alpha
  ends <- function(p) unlist(alpha.ci(alpha, nrow(items), ncol(items), p.val = p)[c("lower.ci", "upper.ci")])
  list(items = items, alpha = alpha, interval = unname(ends(.05)), interval_90 = unname(ends(.1)),
       omega = sum(loadings)^2 / (sum(loadings)^2 + sum(unique)))
}

write(toJSON(list(
  made_with = list(R = R.version.string, psych = as.character(packageVersion("psych"))),
  cases = list(one(answers(60, c(1, .8, 1.2, .6, .9), c(.8, .9, .7, 1, .8), 1, 5)),
               one(answers(120, c(1.4, 1.1, .9, .4, .7, 1.2, .8, 1), rep(1.1, 8), 0, 6)),
               one(answers(200, c(1.3, 1.1, 1.2, .9), c(.8, .9, 1, .9), 1, 7)))),
  auto_unbox = TRUE, digits = NA), stdout())
