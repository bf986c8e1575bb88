# Trimming bounds in whole numbers: every outcome of the arm with more of them is repeated n0 times, so that what is
# left, m0 n1 copies, is a whole number; no weights. The interval of Imbens and Manski by uniroot.
# Run in this folder: Rscript lee_bounds.R > lee_bounds.json
suppressPackageStartupMessages(library(jsonlite))

bounds <- function(more, n1, fewer, n0, level = .95) {
  more <- more[!is.na(more)]; fewer <- fewer[!is.na(fewer)]
  m1 <- length(more); m0 <- length(fewer)
  copies <- rep(sort(more), each = n0)
  kept <- m0 * n1
  s <- 1 - kept / (m1 * n0)
  one <- function(left) {
    centre <- mean(left)
    edge <- left[kept]
    v <- sum((left - centre)^2) / n0 / (kept / n0 - 1)
    of_s <- (1 - m1 / n1) / m1 + (1 - m0 / n0) / m0
    c(centre - mean(fewer), sqrt(v / (kept / n0) + (edge - centre)^2 * s / (kept / n0) + (edge - centre)^2 * of_s + var(fewer) / m0))
  }
  if (s == 0) {
    # either arm might be the one with more: the larger error of both ways
    far <- function(x, side) (side(x) - mean(x))^2
    of_s <- (1 - m1 / n1) / m1 + (1 - m0 / n0) / m0
    extra <- c(max(far(more, max), far(fewer, min)), max(far(more, min), far(fewer, max)))
    d <- mean(more) - mean(fewer)
    se <- sqrt(var(more) / m1 + var(fewer) / m0 + extra * of_s)
    return(list(more = more, n1 = n1, fewer = fewer, n0 = n0, level = level, share = 0, lower = d, upper = d, se = se,
                ci = d + c(-1, 1) * qnorm((1 + level) / 2) * se))
  }
  low <- one(head(copies, kept))
  high <- one(rev(tail(copies, kept)))
  reach <- uniroot(function(c) pnorm(c + (high[1] - low[1]) / max(low[2], high[2])) - pnorm(-c) - level, c(0, 9), tol = 1e-15)$root
  list(more = more, n1 = n1, fewer = fewer, n0 = n0, level = level, share = s, lower = low[1], upper = high[1],
       se = c(low[2], high[2]), ci = c(low[1] - reach * low[2], high[1] + reach * high[2]))
}

three <- read.csv("three_arms.csv")
of <- function(a) three$outcome[three$arm == a]
set.seed(20090701, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
draw <- function(n, m, mean, sd) c(round(rnorm(m, mean, sd), 1), rep(NA, n - m))
cases <- list(c(40, 33, 41, 22), c(20, 19, 20, 11), c(25, 20, 25, 20), c(100, 71, 50, 35))
made <- lapply(cases, function(k) bounds(draw(k[1], k[2], 20, 6), k[1], draw(k[3], k[4], 23, 4), k[3], .9))
rates <- tapply(!is.na(three$outcome), three$arm, mean)
pairs <- combn(names(sort(-rates)), 2, simplify = FALSE)
write(toJSON(list(
  made_with = list(R = R.version.string),
  three_arms = lapply(pairs, function(p) c(list(arms = p), bounds(of(p[1]), sum(three$arm == p[1]), of(p[2]), sum(three$arm == p[2])))),
  made = made), auto_unbox = TRUE, digits = NA), stdout())
