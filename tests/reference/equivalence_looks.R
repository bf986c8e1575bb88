# Equivalence looked at before its end: both one-sided tests reach the bound of one side at one look. Bounds by rpact's
# getDesignGroupSequential(sided = 1). The chance to show it at any look is 1 - the chance to be outside at every look, a
# sum of multivariate normal rectangles (one for each side of each look) by mvtnorm's pmvnorm; nothing of it is a recursion.
# Conditional power is the same of the looks to come given the score; predictive power integrates it over the posterior.
# A look in numbers: z by qnorm(pt), the repeated interval, and the stage-wise p of each test by pmvnorm, the larger.
# Run in this folder: Rscript equivalence_looks.R > equivalence_looks.json
suppressPackageStartupMessages({library(jsonlite); library(rpact); library(mvtnorm)})
setLogLevel("DISABLED")
types <- c(obrien_fleming = "asOF", pocock = "asP")
bounds <- function(name, alpha, information)
  getDesignGroupSequential(typeOfDesign = types[[name]], informationRates = information, alpha = alpha, beta = .2,
                           sided = 1, tolerance = 1e-10)$criticalValues
rectangle <- function(low, high, mean, sigma) {
  if (any(low >= high)) return(0)
  if (length(mean) == 1) return(pnorm(high, mean, sqrt(sigma)) - pnorm(low, mean, sqrt(sigma)))
  as.numeric(pmvnorm(low, high, mean, sigma = sigma, algorithm = Miwa(steps = 4097)))
}

# the chance to be inside [-reach, reach] at one of these times at least; the scores start at `score` at time `from`
inside <- function(times, reach, drift, score = 0, from = 0) {
  mean <- score + drift * (times - from)
  sigma <- outer(times - from, times - from, pmin)
  reach <- pmax(reach, 0)
  sides <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(times))))
  never <- sum(apply(sides, 1, function(side)
    rectangle(ifelse(side < 0, -Inf, reach), ifelse(side < 0, -reach, Inf), mean, sigma)))
  1 - never
}
reaches <- function(margin, critical, information) margin * information - critical * sqrt(information)

chance <- function(name, alpha, information, margin, drift) {
  critical <- bounds(name, alpha, information)
  list(bounds = name, alpha = alpha, information = information, margin = margin, drift = drift, critical = critical,
       chance = inside(information, reaches(margin, critical, information), drift))
}
chances <- c(
  lapply(c(0, 1, 3.2), function(drift) chance("obrien_fleming", .05, c(.5, 1), 3.2, drift)),
  lapply(c(0, 1, 2.9), function(drift) chance("pocock", .025, c(.4, .7, 1), 2.9, drift)),
  lapply(c(0, 3.6), function(drift) chance("pocock", .05, c(.3, .45, 1), 3.6, drift)),
  lapply(c(0, 4), function(drift) chance("obrien_fleming", .025, c(.6, .8, 1), 4, drift)))

# one look: estimate, error, degrees of freedom and margin on the outcome's own scale
look <- function(name, alpha, information, at, estimate, se, df, margin) {
  critical <- bounds(name, alpha, information)
  z <- function(far) qnorm(pt(far / se, df, lower.tail = FALSE), lower.tail = FALSE)
  far <- c(margin + estimate, margin - estimate)
  zs <- sapply(far, z)
  times <- information[seq_len(at)]
  stagewise <- function(z) {
    c_ <- critical[seq_len(at)]; c_[at] <- z
    1 - rectangle(rep(-Inf, at), c_ * sqrt(times), rep(0, at), outer(times, times, pmin))
  }
  error <- far / zs
  found <- list(bounds = name, alpha = alpha, information = information, look = at, estimate = estimate, se = se, df = df,
                margin = margin, z = zs, critical = critical[at],
                ci = c(estimate - critical[at] * error[1], estimate + critical[at] * error[2]),
                p = max(sapply(zs, stagewise)))
  if (at == length(information)) return(found)
  t <- information[at]; later <- information[-seq_len(at)]; far_off <- sum(zs) / 2 / sqrt(t)
  score <- (zs[1] - zs[2]) / 2 * sqrt(t)
  given <- function(drift) inside(later, reaches(far_off, critical[-seq_len(at)], later), drift, score, t)
  trend <- score / t
  c(found, list(alike = given(0), trend = given(trend), on_margin = given(if (trend < 0) -far_off else far_off),
                predictive = integrate(function(x) sapply(x, given) * 1 * dnorm(x, trend, 1 / sqrt(t)),
                                       trend - 9 / sqrt(t), trend + 9 / sqrt(t), rel.tol = 1e-9, subdivisions = 1000)$value))
}
looks <- list(
  look("obrien_fleming", .05, c(.5, 1), 1, -.4, 1.1, 43, 4),
  look("obrien_fleming", .05, c(.5, 1), 2, -.4, .9, 93, 2.2),
  look("pocock", .025, c(.4, .7, 1), 1, 1.3, 1.6, 27, 3),
  look("pocock", .025, c(.4, .7, 1), 2, .6, .8, 60, 3),
  look("obrien_fleming", .025, c(.3, .5, 1), 3, 1.9, .7, 88, 3),
  look("pocock", .05, c(.25, .8, 1), 2, -3.4, .9, 40, 3))
# Power of a plan, ANCOVA of two arms of n with looks at even shares: the noncentral t of each one-sided test with everybody
# as the drift of its own walk, and how much of the information is there on average when a trial ends
planned <- function(name, alpha, looks, n, r, margin, d) {
  error <- sqrt(2 / n * (1 - r^2)); df <- 2 * n - 3
  drift <- function(far) qnorm(1 - alpha) - qnorm(pt(qt(1 - alpha, df), df, far / error))
  low <- drift(margin + d); high <- drift(margin - d)
  information <- seq_len(looks) / looks
  critical <- bounds(name, alpha, information)
  ended <- sapply(seq_len(looks), function(k) inside(information[1:k], reaches((low + high) / 2, critical[1:k],
                                                                               information[1:k]), (low - high) / 2))
  first <- diff(c(0, ended))[-looks]
  list(bounds = name, alpha = alpha, looks = looks, people = c(n, n), r = r, margin = margin, d = d, error = error, df = df,
       power = ended[looks], expected = sum(first * information[-looks]) + 1 - sum(first))
}
plans <- list(planned("obrien_fleming", .05, 2, 150, .5, .3, 0), planned("pocock", .025, 3, 230, .6, .3, -.1),
              planned("pocock", .05, 2, 20, 0, .9, .2), planned("obrien_fleming", .025, 3, 15, .3, 1.1, 0))
write(toJSON(list(made_with = list(R = R.version.string, rpact = as.character(packageVersion("rpact")),
                                   mvtnorm = as.character(packageVersion("mvtnorm"))), chances = chances, looks = looks, plans = plans),
             auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
