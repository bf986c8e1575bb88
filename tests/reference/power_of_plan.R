# Power of planned comparisons: the variance of a contrast of arms by dense matrices over everybody analysed, people of
# one cluster alike, and pt with it; beside it power.t.test (two arms, means of clusters, pairs) and pwr, which have to
# say the same. Margins by power.t.test and by integrate over the distribution of the standard deviation.
# Looks with stopping bounds by rpact: the noncentral t of the last look as the drift of its recursion, which is what its
# getPowerMeans and getPowerRates do.
# Run in this folder: Rscript power_of_plan.R > power_of_plan.json
suppressPackageStartupMessages({library(jsonlite); library(pwr); library(rpact)})
setLogLevel("DISABLED")

# arms: coefficients and people of each arm; clusters: the sizes of its clusters, which add up to its people
standing <- function(coefficients, people, r, sizes = NULL, icc = 0) {
  arm <- rep(seq_along(people), people)
  X <- model.matrix(~ factor(arm, levels = seq_along(people)) - 1)
  V <- diag(sum(people))
  if (!is.null(sizes)) {
    cluster <- rep(seq_along(unlist(sizes)), unlist(sizes))
    V <- (1 - icc) * V + icc * outer(cluster, cluster, "==")
  }
  bread <- solve(crossprod(X))
  variance <- (1 - r^2) * drop(t(coefficients) %*% bread %*% t(X) %*% V %*% X %*% bread %*% coefficients)
  df <- if (is.null(sizes)) sum(people) - length(people) - 1 else length(unlist(sizes)) - length(people)
  list(error = sqrt(variance), df = df)
}

different <- function(at, d, alpha) {
  critical <- qt(1 - alpha / 2, at$df)
  pt(critical, at$df, d / at$error, lower.tail = FALSE) + pt(-critical, at$df, d / at$error)
}
not_worse <- function(at, d, margin, alpha)
  pt(qt(1 - alpha, at$df), at$df, (d + margin) / at$error, lower.tail = FALSE)
alike <- function(at, d, margin, alpha) {
  critical <- qt(1 - alpha, at$df)
  # v is the residual variance over the true one, a chi-square over its degrees of freedom.
  inside <- function(v) (pnorm((margin - d) / at$error - critical * sqrt(v)) -
                           pnorm((-margin - d) / at$error + critical * sqrt(v))) * dchisq(v * at$df, at$df) * at$df
  most <- (margin / at$error / critical)^2
  cuts <- sort(c(0, most, pmin(most, qchisq(c(1e-12, .01, .5, .99, 1 - 1e-12), at$df) / at$df)))
  sum(mapply(function(a, b) if (b > a) integrate(inside, a, b, rel.tol = 1e-12, abs.tol = 0,
                                                 stop.on.error = FALSE)$value else 0, head(cuts, -1), tail(cuts, -1)))
}

agreed <- function(one, other) stopifnot(abs(one - other) < 1e-9)

two <- c(1, -1); main <- c(.5, .5, -.5, -.5); both <- c(1, -1, -1, 1)
case <- function(name, design, coefficients, people, d, alpha, r = 0, kept = 1, sizes = NULL, icc = 0,
                 framework = "superiority", margin = NULL) {
  at <- standing(coefficients, people, r, sizes, icc)
  power <- switch(framework, superiority = different(at, d, alpha),
                  non_inferiority = not_worse(at, d, margin, alpha), equivalence = alike(at, d, margin, alpha))
  found <- list(name = name, design = design, people = people, d = d, alpha = alpha, r = r, kept = kept,
                framework = framework, margin = margin, power = power, error = at$error, df = at$df)
  if (!is.null(sizes)) {
    all <- unlist(sizes)
    found$clusters <- list(size = mean(all) / kept, size_cv = sqrt(mean((all - mean(all))^2)) / mean(all), icc = icc)
  }
  found[!sapply(found, is.null)]
}
even <- function(k, m, arms) rep(list(rep(m, k)), arms)
uneven <- function(k, low, high, arms) rep(list(rep(c(low, high), k / 2)), arms)

cases <- list(
  case("two arms", "two", two, c(120, 120), .3, .05, r = .6, kept = .6),
  case("two to one", "two", two, c(80, 40), .4, .01, r = .3),
  case("no worse", "two", two, c(113, 113), 0, .025, r = .6, framework = "non_inferiority", margin = .3),
  case("a little worse", "two", two, c(90, 60), -.1, .05, r = .2, framework = "non_inferiority", margin = .4),
  case("alike", "two", two, c(150, 150), 0, .05, r = .5, framework = "equivalence", margin = .25),
  case("nearly alike", "two", two, c(60, 60), .1, .025, framework = "equivalence", margin = .5),
  case("clusters", "two", two, c(160, 160), .4, .05, sizes = even(8, 20, 2), icc = .05),
  case("clusters with a loss", "two", two, c(90, 90), .5, .05, r = .5, kept = .75, sizes = even(6, 15, 2), icc = .1),
  case("clusters that differ", "two", two, c(200, 200), .4, .05, r = .4, sizes = uneven(10, 10, 30, 2), icc = .05),
  case("clusters no worse", "two", two, c(240, 240), 0, .025, sizes = even(12, 20, 2), icc = .02,
       framework = "non_inferiority", margin = .35),
  case("clusters alike", "two", two, c(400, 400), .05, .05, sizes = even(20, 20, 2), icc = .02,
       framework = "equivalence", margin = .4),
  case("main effect", "main", main, c(30, 30, 30, 30), .5, .05, r = .6, kept = .75),
  case("interaction", "interaction", both, c(30, 30, 30, 30), .5, .05, r = .6, kept = .75),
  case("unequal cells", "main", main, c(40, 20, 20, 20), .4, .05),
  case("interaction of unequal cells", "interaction", both, c(40, 20, 20, 20), .8, .05),
  case("main effect of clusters", "main", main, c(100, 100, 100, 100), .4, .05, r = .5, sizes = even(5, 20, 4),
       icc = .03),
  case("interaction of clusters", "interaction", both, c(80, 80, 80, 80), 1, .05, sizes = uneven(4, 15, 25, 4),
       icc = .03))
by_name <- setNames(cases, sapply(cases, `[[`, "name"))

# Two arms and no baseline, means of clusters of one size, are a t test: other functions say the same.
agreed(different(list(error = sqrt(1 / 40 + 1 / 60), df = 98), .5, .05),
       pwr.t2n.test(40, 60, d = .5, sig.level = .05)$power)
of_means <- function(m, icc, r = 0) sqrt((1 - r^2) * (1 + (m - 1) * icc) / m)
agreed(by_name[["clusters"]]$power, power.t.test(8, .4, of_means(20, .05), strict = TRUE)$power)
agreed(by_name[["clusters with a loss"]]$power, power.t.test(6, .5, of_means(15, .1, .5), strict = TRUE)$power)
agreed(by_name[["clusters no worse"]]$power, power.t.test(12, .35, of_means(20, .02), sig.level = .025, strict = TRUE,
                                                          alternative = "one.sided")$power)

# The mean change of one arm, by pairs whose difference has the variance 2 (1 - r).
change <- function(n, d, r) list(people = n, d = d, r = r, alpha = .05,
  power = power.t.test(n, d, sqrt(2 * (1 - r)), type = "paired", strict = TRUE)$power)

# Two shares by the normal approximation: of a difference with the pooled error under none, of a margin with their own.
shares <- function(p1, p2, n1, n2, alpha, framework = "superiority", margin = NULL, kept = 1) {
  own <- sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
  pooled <- (n1 * p1 + n2 * p2) / (n1 + n2)
  power <- switch(framework,
    superiority = pnorm((abs(p1 - p2) - qnorm(1 - alpha / 2) * sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))) / own),
    non_inferiority = pnorm((p1 - p2 + margin) / own - qnorm(1 - alpha)),
    equivalence = pnorm((p1 - p2 + margin) / own - qnorm(1 - alpha)) +
      pnorm((margin - p1 + p2) / own - qnorm(1 - alpha)) - 1)
  found <- list(p1 = p1, p2 = p2, people = c(n1, n2), alpha = alpha, framework = framework, margin = margin, kept = kept,
                error = own, power = power)
  found[!sapply(found, is.null)]
}
of_shares <- list(shares(.5, .3, 93, 93, .05), shares(.35, .5, 80, 160, .01, kept = .8),
                  shares(.6, .6, 200, 200, .025, "non_inferiority", .15),
                  shares(.55, .6, 300, 150, .05, "non_inferiority", .2, kept = .75),
                  shares(.4, .4, 250, 250, .05, "equivalence", .15), shares(.42, .4, 400, 400, .025, "equivalence", .12))
agreed(of_shares[[1]]$power, power.prop.test(n = 93, p1 = .5, p2 = .3)$power)

# Looks at even shares of the information, alpha spent as Lan and DeMets have it; either boundary rejects.
types <- c(obrien_fleming = "asOF", pocock = "asP")
bounds <- function(name, looks, alpha)
  getDesignGroupSequential(typeOfDesign = types[[name]], informationRates = seq_len(looks) / looks, alpha = alpha, beta = .2,
                           sided = 2, twoSidedPower = TRUE, tolerance = 1e-10)
# of a margin from one side, by bounds of one side
bounds_of_margin <- function(name, looks, alpha)
  getDesignGroupSequential(typeOfDesign = types[[name]], informationRates = seq_len(looks) / looks, alpha = alpha, beta = .2,
                           sided = 1, tolerance = 1e-10)
walk <- function(design, drift) {
  found <- getPowerAndAverageSampleNumber(design, theta = drift, nMax = 1)
  list(power = found$overallReject, expected = found$averageSampleNumber)
}
watched_margin <- function(case, name, looks) {
  z <- qnorm(1 - case$alpha)
  drift <- if (is.null(case$p1))
    z - qnorm(pt(qt(1 - case$alpha, case$df), case$df, (case$d + case$margin) / case$error)) else z + qnorm(case$power)
  c(case[setdiff(names(case), "power")], bounds = name, looks = looks,
    walk(bounds_of_margin(name, looks, case$alpha), drift))
}
watched <- function(case, name, looks) {
  if (!is.null(case$margin)) return(watched_margin(case, name, looks))
  z <- qnorm(1 - case$alpha / 2)
  drift <- if (is.null(case$p1)) z - qnorm(pt(qt(1 - case$alpha / 2, case$df), case$df, case$d / case$error)) else
    z + qnorm(case$power)
  c(case[setdiff(names(case), "power")], bounds = name, looks = looks, walk(bounds(name, looks, case$alpha), drift))
}
looked_at <- c(
  unlist(lapply(names(types), function(name) lapply(c(2, 3, 5), function(looks) watched(cases[[1]], name, looks))),
         recursive = FALSE),
  list(watched(by_name[["two to one"]], "pocock", 4), watched(by_name[["clusters with a loss"]], "obrien_fleming", 2),
       watched(by_name[["interaction of unequal cells"]], "pocock", 3), watched(by_name[["main effect"]], "obrien_fleming", 11),
       watched(by_name[["no worse"]], "obrien_fleming", 3), watched(by_name[["a little worse"]], "pocock", 4),
       watched(by_name[["clusters no worse"]], "obrien_fleming", 2)))
shares_looked_at <- list(watched(of_shares[[1]], "obrien_fleming", 3), watched(of_shares[[2]], "pocock", 2),
                         watched(of_shares[[3]], "obrien_fleming", 2), watched(of_shares[[4]], "pocock", 5))
# without a baseline rpact does all of it itself
whole <- list(d = .5, alpha = .05, error = sqrt(1 / 40 + 1 / 60), df = 98)
agreed(watched(whole, "pocock", 3)$power,
       getPowerMeans(bounds("pocock", 3, .05), alternative = .5, stDev = 1, maxNumberOfSubjects = 100,
                     allocationRatioPlanned = 40 / 60)$overallReject)
agreed(shares_looked_at[[1]]$power,
       getPowerRates(bounds("obrien_fleming", 3, .05), pi1 = .5, pi2 = .3, maxNumberOfSubjects = 186)$overallReject)
whole <- list(d = -.1, margin = .5, alpha = .025, error = sqrt(1 / 60 + 1 / 60), df = 118)
agreed(watched(whole, "obrien_fleming", 3)$power,
       getPowerMeans(bounds_of_margin("obrien_fleming", 3, .025), thetaH0 = -.5, alternative = -.1, stDev = 1,
                     maxNumberOfSubjects = 120)$overallReject)
inflated <- lapply(types, function(type) sapply(2:11, function(looks)
  getDesignCharacteristics(getDesignGroupSequential(typeOfDesign = type, informationRates = seq_len(looks) / looks,
    alpha = .05, beta = .2, sided = 2, tolerance = 1e-10))$inflationFactor))

# People in all for a wanted power: clusters of one size by power.t.test, others by uniroot on the same pt.
clusters_for <- function(d, m, icc, r, power) list(d = d, size = m, icc = icc, r = r, power = power, alpha = .05,
  people = 2 * m * power.t.test(delta = d, sd = of_means(m, icc, r), power = power, strict = TRUE, tol = 1e-12)$n)
people_for <- function(design, coefficients, d, r, power) list(design = design, d = d, r = r, power = power, alpha = .05,
  people = uniroot(function(n) {
    at <- list(error = sqrt((1 - r^2) * sum(coefficients^2) * length(coefficients) / n),
               df = n - length(coefficients) - 1)
    different(at, d, .05) - power
  }, c(12, 1e5), tol = 1e-9)$root)

write(toJSON(list(
  made_with = list(R = R.version.string, pwr = as.character(packageVersion("pwr")), rpact = as.character(packageVersion("rpact"))),
  cases = cases,
  shares = of_shares,
  looked_at = looked_at, shares_looked_at = shares_looked_at, inflation = inflated,
  change = list(change(40, .5, .6), change(12, .8, .3)),
  clusters_for = list(clusters_for(.4, 20, .05, 0, .8), clusters_for(.3, 30, .02, .5, .9),
                      clusters_for(.9, 10, .1, 0, .8)),
  people_for = list(people_for("two", two, .3, .6, .8), people_for("main", main, .3, .6, .8),
                    people_for("interaction", both, .3, .6, .8), people_for("interaction", both, .9, 0, .9))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
