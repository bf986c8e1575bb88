# Hochberg by p.adjust; graphs, fallback and fixed sequence by closed testing over every intersection in plain R: the
# weights of an intersection are found by taking the other hypotheses out one by one, and a hypothesis's adjusted p-value
# is the largest, over the intersections that it is in, of their weighted Bonferroni p-values.
# Run in this folder: Rscript multiplicity.R > multiplicity.json
suppressPackageStartupMessages(library(jsonlite))

hochberg <- function(p) list(p = p, adjusted = p.adjust(p, "hochberg"))

without <- function(w, g, out) {
  for (i in out) {
    w2 <- w + w[i] * g[i, ]
    g2 <- 0 * g
    for (l in seq_along(w)) for (k in seq_along(w)) if (l != k && l != i && k != i && g[l, i] * g[i, l] < 1)
      g2[l, k] <- (g[l, k] + g[l, i] * g[i, k]) / (1 - g[l, i] * g[i, l])
    w2[i] <- 0
    w <- w2
    g <- g2
  }
  w
}

closed <- function(w, g, p) {
  m <- length(w)
  adjusted <- rep(0, m)
  for (bits in 1:(2^m - 1)) {
    members <- which(bitwAnd(bits, 2^(0:(m - 1))) > 0)
    weights <- without(w, g, setdiff(seq_len(m), members))[members]
    local <- min(1, ifelse(weights > 0, p[members] / weights, Inf))
    adjusted[members] <- pmax(adjusted[members], local)
  }
  adjusted
}

graph <- function(w, g, p) list(weights = w, passes = g, p = p, adjusted = closed(w, g, p))
after <- function(m) { g <- matrix(0, m, m); for (i in seq_len(m - 1)) g[i, i + 1] <- 1; g }
even <- function(m) { g <- matrix(1 / (m - 1), m, m); diag(g) <- 0; g }

# Two primary outcomes, each with one secondary that waits for it; parallel gatekeeping and its improvement.
two_by_two <- rbind(c(0, .5, .5, 0), c(.5, 0, 0, .5), c(0, 1, 0, 0), c(1, 0, 0, 0))
parallel <- rbind(c(0, 0, .5, .5), c(0, 0, .5, .5), c(0, 0, 0, 1), c(0, 0, 1, 0))
leaks <- rbind(c(0, .3, .2), c(.6, 0, .4), c(.1, .1, 0))

set.seed(81)
write(toJSON(list(
  made_with = list(R = R.version.string),
  hochberg = list(hochberg(c(.001, .01, .02, .03, .04, .2)), hochberg(c(.04, .045, .03)), hochberg(c(.6, .7, .9)),
                  hochberg(c(.02, .02, 1))),
  fixed_sequence = lapply(list(c(.01, .04, .02, .3), c(.2, .001)), function(p)
    list(p = p, adjusted = closed(c(1, rep(0, length(p) - 1)), after(length(p)), p))),
  fallback = lapply(list(c(.03, .01, .04), c(.02, .03, .01)), function(p)
    list(weights = c(.5, .3, .2), p = p, adjusted = closed(c(.5, .3, .2), after(3), p))),
  holm = lapply(list(c(.01, .03, .02, .2), c(.001, .001, .5, .4)), function(p)
    list(p = p, adjusted = closed(rep(.25, 4), even(4), p))),
  graphs = c(lapply(1:4, function(i) graph(c(.5, .5, 0, 0), two_by_two, round(runif(4)^3, 4))),
             lapply(1:3, function(i) graph(c(.7, .3, 0, 0), parallel, round(runif(4)^3, 4))),
             lapply(1:4, function(i) graph(c(.2, .5, .1), leaks, round(runif(3)^2, 4))),
             list(graph(c(.5, .5, 0, 0), two_by_two, c(.01, .005, .1, .5))))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
