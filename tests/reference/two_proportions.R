# Two proportions in plain R. Newcombe's interval from the score intervals of prop.test; Miettinen and Nurminen's by
# uniroot on the score statistic, with the restricted proportions found by uniroot on the slope of the likelihood (for
# the ratio as well, where a closed form exists). p by prop.test, its chi-square times (N - 1) / N.
# Run in this folder: Rscript two_proportions.R > two_proportions.json
suppressPackageStartupMessages(library(jsonlite))

root <- function(f, from, to) uniroot(f, c(from, to), tol = 1e-15, maxiter = 5000)$root

likeliest <- function(x, n, first, low, high) {
  per <- function(some, share) if (some == 0) 0 else some / share
  pull <- function(i, p) per(x[i], p) - per(n[i] - x[i], 1 - p)
  slope <- function(q) pull(1, first$of(q)) * first$by + pull(2, q)
  eps <- (high - low) * 1e-13
  if (slope(low + eps) <= 0) return(low)
  if (slope(high - eps) >= 0) return(high)
  root(slope, low + eps, high - eps)
}
error <- function(q1, q2, r, n) sqrt((q1 * (1 - q1) / n[1] + r^2 * q2 * (1 - q2) / n[2]) * sum(n) / (sum(n) - 1))
by_difference <- function(x, n, d) {
  q <- likeliest(x, n, list(of = function(q) q + d, by = 1), max(0, -d), min(1, 1 - d))
  (x[1] / n[1] - x[2] / n[2] - d) / error(q + d, q, 1, n)
}
by_ratio <- function(x, n, r) {
  q <- likeliest(x, n, list(of = function(q) r * q, by = r), 0, min(1, 1 / r))
  (x[1] / n[1] - r * x[2] / n[2]) / error(r * q, q, r, n)
}

case <- function(x1, n1, x2, n2, level = .95) {
  x <- c(x1, x2); n <- c(n1, n2); p <- x / n; z <- qnorm((1 + level) / 2)
  w <- sapply(1:2, function(i) suppressWarnings(prop.test(x[i], n[i], correct = FALSE, conf.level = level)$conf.int))
  d <- p[1] - p[2]
  far <- 1 - 1e-9
  newcombe <- c(d - sqrt((p[1] - w[1, 1])^2 + (w[2, 2] - p[2])^2), d + sqrt((w[2, 1] - p[1])^2 + (p[2] - w[1, 2])^2))
  low <- if (d == -1) -1 else root(function(at) by_difference(x, n, at) - z, -far, d - 1e-12)
  high <- if (d == 1) 1 else root(function(at) by_difference(x, n, at) + z, d + 1e-12, far)
  ratio <- if (all(x == 0)) NULL else list(
    low = if (x1 == 0) 0 else exp(root(function(at) by_ratio(x, n, exp(at)) - z, -25, if (x2 == 0) 25 else log(p[1] / p[2]))),
    high = if (x2 == 0) "infinite" else exp(root(function(at) by_ratio(x, n, exp(at)) + z, if (x1 == 0) -25 else log(p[1] / p[2]), 25)))
  chi <- suppressWarnings(prop.test(x, n, correct = FALSE)$statistic) * (sum(n) - 1) / sum(n)
  list(events = x, n = n, level = level, newcombe = newcombe, miettinen_nurminen = c(low, high), ratio = ratio,
       p = if (is.nan(chi)) 1 else pchisq(chi[[1]], 1, lower.tail = FALSE))
}

write(toJSON(list(
  made_with = list(R = R.version.string),
  cases = list(case(56, 70, 48, 80), case(9, 10, 3, 10), case(12, 20, 5, 20), case(0, 20, 6, 20), case(7, 20, 0, 18),
               case(5, 56, 0, 29), case(20, 20, 13, 20), case(1, 40, 39, 41), case(310, 1000, 250, 900, .99),
               case(4, 15, 9, 33, .9), case(0, 12, 0, 15), case(10, 10, 0, 20))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
