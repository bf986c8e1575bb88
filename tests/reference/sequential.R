# Group sequential designs by rpact; stage-wise p-values, intervals and conditional power again by multivariate normal
# probabilities (mvtnorm, Miwa's algorithm, no simulation).
# Run in this folder: Rscript sequential.R > sequential.json
suppressPackageStartupMessages({ library(rpact); library(mvtnorm); library(jsonlite) })
setLogLevel("DISABLED")

even <- function(k) (1:k) / k

design <- function(type, rates, alpha, sided, ours, ...) {
  d <- getDesignGroupSequential(informationRates = rates, alpha = alpha, sided = sided, typeOfDesign = type,
                                beta = .2, tolerance = 1e-10, ...)
  ch <- getDesignCharacteristics(d)
  list(type = type, parameter = ours, information = rates, alpha = alpha, sides = sided,
       critical = d$criticalValues, spent = d$alphaSpent, shift = ch$shift, inflation = ch$inflationFactor,
       power = ch$power, expected = ch$averageSampleNumber1)
}

both <- function(type, rates, ours = NA, ...) list(design(type, rates, .05, 2, ours, ...),
                                                     design(type, rates, .025, 1, ours, ...))

designs <- c(
  unlist(lapply(2:5, function(k) c(both("OF", even(k)), both("P", even(k)), both("asOF", even(k)),
                                   both("asP", even(k)))), recursive = FALSE),
  both("asOF", c(.25, .6, 1)), both("asP", c(.1, .5, .55, 1)), both("OF", c(.3, .9, 1)), both("P", c(.2, .7, 1)),
  both("asKD", even(3), 2, gammaA = 2), both("asKD", c(.2, .5, 1), .5, gammaA = .5),
  both("asHSD", even(3), -4, gammaA = -4), both("asHSD", c(.35, .8, 1), 1, gammaA = 1),
  both("WT", even(4), .25, deltaWT = .25), both("HP", even(3), 3, constantBoundsHP = 3),
  list(design("asOF", even(4), .01, 2, NA), design("asP", even(10), .05, 1, NA)))

futility <- function(type, beta_type, rates, beta) {
  d <- getDesignGroupSequential(informationRates = rates, alpha = .025, sided = 1, typeOfDesign = type, beta = beta,
                                typeBetaSpending = beta_type, bindingFutility = FALSE, tolerance = 1e-10)
  list(type = type, futility_type = beta_type, information = rates, power = 1 - beta,
       critical = d$criticalValues, futility = d$futilityBounds, shift = getDesignCharacteristics(d)$shift)
}

# What was seen at each look: a z from the means of all data until then, standard deviation one.
analysis <- function(type, rates, n, z) {
  d <- getDesignGroupSequential(informationRates = rates, alpha = .025, sided = 1, typeOfDesign = type,
                                tolerance = 1e-10)
  stages <- length(z)
  per_stage <- diff(c(0, n))[seq_len(stages)]
  effects <- z * sqrt(2 / n[seq_len(stages)])
  own <- diff(c(0, effects * n[seq_len(stages)])) / per_stage
  zeros <- rep(0, stages)
  data <- getDataset(n1 = per_stage, n2 = per_stage, means1 = own, means2 = zeros, stDevs1 = zeros + 1,
                     stDevs2 = zeros + 1)
  results <- getStageResults(d, data, stage = stages, normalApproximation = TRUE)
  final <- getFinalConfidenceInterval(d, data, stage = stages, normalApproximation = TRUE)
  list(type = type, information = rates, look = stages, z = results$overallTestStatistics[stages], se = sqrt(2 / n[stages]),
       p = getFinalPValue(results)$pFinal, low = final$finalConfidenceIntervalGeneral[1],
       high = final$finalConfidenceIntervalGeneral[2], median = final$medianUnbiasedGeneral)
}

# The same by multivariate normal probabilities, two sides too: drift is the mean of z at full information.
# mvtnorm warns that it takes 1000 for infinity.
steps <- Miwa(steps = 4096)
correlated <- function(t) outer(t, t, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
chance <- function(low, high, t, drift) {
  if (length(t) == 1) return(pnorm(high, drift * sqrt(t)) - pnorm(low, drift * sqrt(t)))
  as.numeric(pmvnorm(low, high, mean = drift * sqrt(t), corr = correlated(t), algorithm = steps))
}
at_least <- function(t, critical, sides, look, z, drift) {
  floor <- function(j) if (sides == 2) -critical[seq_len(j)] else rep(-Inf, j)
  above <- function(j, from) chance(c(floor(j - 1), from), c(critical[seq_len(j - 1)], Inf), t[seq_len(j)], drift)
  sum(vapply(seq_len(look - 1), function(j) above(j, critical[j]), 0)) + above(look, z)
}
by_mvtnorm <- function(t, critical, sides, look, z) {
  solve_for <- function(p) uniroot(function(x) at_least(t, critical, sides, look, z, x) - p, z / sqrt(t[look]) +
                                     c(-8, 8), tol = 1e-10)$root
  p <- at_least(t, critical, sides, look, z, 0)
  list(information = t, critical = critical, sides = sides, look = look, z = z, at_least = p,
       p = if (sides == 2) 2 * min(p, 1 - p) else p, low = solve_for(.025), high = solve_for(.975),
       median = solve_for(.5))
}

conditional <- function(t, critical, look, z, drift) {
  later <- t[-seq_len(look)]
  here <- z * sqrt(t[look])
  mean <- here + drift * (later - t[look])
  covariance <- outer(later, later, pmin) - t[look]
  high <- critical[-seq_len(look)] * sqrt(later)
  stays <- if (length(later) == 1) pnorm(high, mean, sqrt(covariance[1])) else
    as.numeric(pmvnorm(rep(-Inf, length(later)), high, mean = mean, sigma = covariance, algorithm = steps))
  list(information = t, critical = critical, look = look, z = z, drift = drift, power = 1 - stays)
}

three <- getDesignGroupSequential(informationRates = c(.4, .7, 1), alpha = .025, sided = 1, typeOfDesign = "asOF",
                                  tolerance = 1e-10)
seen <- getStageResults(three, getDataset(n1 = 40, n2 = 40, means1 = .4, means2 = 0, stDevs1 = 1, stDevs2 = 1),
                        stage = 1, normalApproximation = TRUE)
of <- c(3.4710914, 2.4544323, 2.0040356)
pocock <- c(2.3, 2.3, 2.3)

write(toJSON(list(
  made_with = list(R = R.version.string, rpact = as.character(packageVersion("rpact")),
                   mvtnorm = as.character(packageVersion("mvtnorm"))),
  designs = designs,
  futility = list(futility("asOF", "bsOF", even(3), .2), futility("asOF", "bsP", c(.3, .7, 1), .1),
                  futility("asP", "bsP", even(4), .2)),
  analyses = list(analysis("asOF", c(.4, .7, 1), c(40, 70, 100), c(1.5, 1.9, 2.4)),
                  analysis("asOF", c(.4, .7, 1), c(40, 70, 100), c(1.5, 2.9)),
                  analysis("asP", even(3), c(30, 60, 90), c(2.8)),
                  analysis("asP", even(3), c(30, 60, 90), c(1.0, .8, -.5))),
  stagewise = list(by_mvtnorm(c(.4, .7, 1), of, 2, 2, 2.7), by_mvtnorm(c(.4, .7, 1), of, 2, 3, 1.2),
                   by_mvtnorm(c(.4, .7, 1), pocock, 2, 2, -2.5), by_mvtnorm(c(.4, .7, 1), pocock, 1, 3, 2.1),
                   by_mvtnorm(c(.2, .7, 1), pocock, 2, 1, 2.4), by_mvtnorm(c(.2, .5, .9), pocock, 1, 2, .3)),
  conditional = list(conditional(c(.4, .7, 1), of, 1, 1.3, 2.8), conditional(c(.4, .7, 1), of, 2, 1.3, 2.8),
                     conditional(c(.2, .7, 1), pocock, 1, -.5, 3.2), conditional(c(.2, .7, 1), pocock, 1, 2, 0)),
  conditional_rpact = list(information = c(.4, .7, 1), look = 1, z = seen$overallTestStatistics[1],
                           drift = .4 * sqrt(50),
                           power = getConditionalPower(seen, nPlanned = c(60, 60), thetaH1 = .4,
                                                       assumedStDev = 1)$conditionalPower)),
  auto_unbox = TRUE, digits = NA, na = "null", pretty = TRUE), stdout())
