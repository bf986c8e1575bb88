# Bang's index: the published interval from the variance of a multinomial, and the score interval with the share of wrong
# guesses found by optimise and polished by uniroot on the slope of the multinomial likelihood, its ends by uniroot.
# Margins: t.test against a shifted difference, one-sided.
# Run in this folder: Rscript guesses.R > guesses.json
suppressPackageStartupMessages(library(jsonlite))

root <- function(f, from, to) uniroot(f, c(from, to), tol = 1e-15, maxiter = 5000)$root
index <- function(right, wrong, unsure, level = .95) {
  n <- right + wrong + unsure
  p <- c(right, wrong, unsure) / n
  v <- diag(p) - p %o% p
  w <- c(1, -1, 0)
  z <- qnorm((1 + level) / 2)
  estimate <- sum(w * p)
  per <- function(some, share) if (some == 0) 0 else some / share
  least <- function(d) {
    low <- max(0, -d); high <- (1 - d) / 2
    slope <- function(q) per(right, q + d) + per(wrong, q) - 2 * per(unsure, 1 - 2 * q - d)
    eps <- (high - low) * 1e-13
    if (slope(low + eps) <= 0) return(low)
    if (slope(high - eps) >= 0) return(high)
    root(slope, low + eps, high - eps)
  }
  score <- function(d) (right - wrong - n * d) / sqrt(n * (2 * least(d) + d - d^2))
  far <- 1 - 1e-9
  low <- if (estimate == -1) -1 else root(function(d) score(d) - z, -far, estimate - 1e-12)
  high <- if (estimate == 1) 1 else root(function(d) score(d) + z, estimate + 1e-12, far)
  half <- z * sqrt(c(w %*% v %*% w) / n)
  list(right = right, wrong = wrong, unsure = unsure, level = level, estimate = estimate,
       wald = c(estimate - half, estimate + half), score = c(low, high))
}

fdd <- read.csv("fdd.csv")
x <- na.omit(fdd$prop2[fdd$trt == "C"])
y <- na.omit(fdd$prop2[fdd$trt == "E"])
margin <- function(by) {
  lower <- t.test(x, y, mu = -by, alternative = "greater")
  upper <- t.test(x, y, mu = by, alternative = "less")
  ninety <- t.test(x, y, conf.level = .9)
  list(margin = by, estimate = unname(ninety$estimate[1] - ninety$estimate[2]), se = ninety$stderr,
       df = unname(ninety$parameter), p_low = lower$p.value, p_high = upper$p.value, ninety = as.numeric(ninety$conf.int),
       ninety_five = as.numeric(t.test(x, y)$conf.int))
}

write(toJSON(list(
  made_with = list(R = R.version.string),
  guesses = list(index(12, 5, 3), index(9, 9, 22), index(38, 12, 50), index(0, 14, 6), index(20, 0, 0), index(0, 20, 0),
                 index(0, 0, 20), index(1, 0, 19), index(120, 140, 60, .9)),
  margins = list(margin(1), margin(4), margin(9))), auto_unbox = TRUE, digits = NA), stdout())
