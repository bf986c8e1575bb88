# Hedges g by effectsize, and its interval again by uniroot on pt(), because effectsize searches for the
# noncentrality parameter with optim and stops at about six digits.
# Run in this folder: Rscript hedges_g.R > hedges_g.json
suppressPackageStartupMessages({ library(effectsize); library(jsonlite) })

sharp <- function(difference, sd, n1, n2, level) {
  df <- n1 + n2 - 2
  per_se <- sqrt(1 / n1 + 1 / n2)
  t <- difference / sd / per_se
  ncp <- function(p) uniroot(function(x) pt(t, df, x) - p, t + c(-12, 12), tol = 1e-14)$root
  correction <- exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
  list(difference = difference, sd = sd, n1 = n1, n2 = n2, level = level, correction = correction,
       g = correction * difference / sd,
       low = correction * per_se * ncp(1 - (1 - level) / 2),
       high = correction * per_se * ncp((1 - level) / 2))
}

both <- function(x, y, level = .95) {
  theirs <- hedges_g(x, y, ci = level)
  list(sharp = sharp(mean(x) - mean(y), sd_pooled(x, y), length(x), length(y), level),
       effectsize = list(g = theirs$Hedges_g, low = theirs$CI_low, high = theirs$CI_high))
}

fdd <- read.csv("fdd.csv")
three <- read.csv("three_arms.csv")
three <- three[!is.na(three$outcome), ]
of <- function(a) three$outcome[three$arm == a]
scores <- function(column, a) { x <- fdd[fdd$trt == a, column]; x[!is.na(x)] }

write(toJSON(list(
  made_with = list(R = R.version.string, effectsize = as.character(packageVersion("effectsize"))),
  from_data = list(
    fdd_prop2 = both(scores("prop2", "C"), scores("prop2", "E")),
    fdd_prop3 = both(scores("prop3", "C"), scores("prop3", "E")),
    three_arms_letter = both(of("letter"), of("early_memory")),
    three_arms_optimism_90 = both(of("optimism"), of("early_memory"), level = .9)),
  from_summaries = list(
    sharp(0, 10, 20, 20, .95), sharp(-4, 9, 43, 38, .95), sharp(6, 5, 8, 5, .95), sharp(1, 10, 1000, 900, .99),
    sharp(5, 1, 4, 3, .95))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
