# A trial that is not to be worse by a margin, looked at before its end: critical values of one side, the z of each look
# against the margin, and at the end the p-value, the interval and the median-unbiased estimate of the stage-wise
# ordering, all by rpact's getAnalysisResults on means of two arms with thetaH0 = -margin. rpact tests stage by stage, and
# information is the share of the people.
# Run in this folder: Rscript margin_looks.R > margin_looks.json
suppressPackageStartupMessages({library(jsonlite); library(rpact)})
setLogLevel("DISABLED")
types <- c(obrien_fleming = "asOF", pocock = "asP")

# n: people of each arm who come in each stage; m1, m2: means of these, of one standard deviation
looked_at <- function(name, alpha, margin, n, m1, m2) {
  design <- getDesignGroupSequential(typeOfDesign = types[[name]], informationRates = cumsum(n) / sum(n), alpha = alpha,
                                     beta = .2, sided = 1, tolerance = 1e-10)
  ones <- rep(1, length(n))
  data <- getDataset(n1 = n, n2 = n, means1 = m1, means2 = m2, stDevs1 = ones, stDevs2 = ones)
  found <- getAnalysisResults(design, data, thetaH0 = -margin, directionUpper = TRUE, normalApproximation = TRUE,
                              stage = length(n))
  z <- found$.stageResults$overallTestStatistics
  estimate <- found$.stageResults$effectSizes
  list(bounds = name, alpha = alpha, margin = margin, people = 2 * cumsum(n), z = z, estimate = estimate,
       critical = design$criticalValues, p = found$finalPValues[length(n)], median = found$medianUnbiasedEstimates[length(n)],
       ci = c(found$finalConfidenceIntervalLowerBounds[length(n)], found$finalConfidenceIntervalUpperBounds[length(n)]))
}
cases <- list(
  looked_at("obrien_fleming", .025, .5, c(30, 30), c(.1, -.05), c(.2, .1)),
  looked_at("pocock", .025, .4, c(30, 30), c(-.2, .2), c(.1, .1)),
  looked_at("obrien_fleming", .05, .3, c(40, 40, 40), c(-.1, .05, .05), c(.1, 0, .05)),
  looked_at("pocock", .05, .6, c(20, 25, 35), c(-.3, .1, -.2), c(.1, .1, .2)),
  looked_at("pocock", .025, .3, c(50, 50), c(-.2, -.3), c(.1, .2)))
write(toJSON(list(made_with = list(R = R.version.string, rpact = as.character(packageVersion("rpact"))), cases = cases),
             auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
