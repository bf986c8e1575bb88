# Quartiles by quantile (type 7), whiskers within 1.5 of their distance, bandwidth by bw.nrd0 and at least 0.6 of the
# smallest step, and the density summed by dnorm at 61 points (no binning, as stats::density has).
# Run in this folder: Rscript distribution.R > distribution.json
suppressPackageStartupMessages(library(jsonlite))

spread <- function(x) {
  x <- x[!is.na(x)]
  q <- unname(quantile(x, c(0, .25, .5, .75, 1), type = 7))
  reach <- 1.5 * (q[4] - q[2])
  h <- max(bw.nrd0(x), .6 * min(diff(sort(unique(x)))))
  at <- seq(q[1], q[5], length.out = 61)
  list(values = x, n = length(x), quantiles = q, nrd0 = bw.nrd0(x),
       whiskers = range(x[x >= q[2] - reach & x <= q[4] + reach]), bandwidth = h,
       density = sapply(at, function(one) mean(dnorm(one, x, h))))
}

fdd <- read.csv("fdd.csv")
three <- read.csv("three_arms.csv")
write(toJSON(list(
  made_with = list(R = R.version.string),
  cases = c(lapply(split(fdd$prop2, fdd$trt), spread), lapply(split(three$outcome, three$arm), spread),
            list(tied = spread(c(3, 3, 3, 3, 3, 3, 5, 9)), two = spread(c(1.5, 2.25)),
                 far = spread(c(1, 2, 2.5, 3, 3.25, 4, 40))))),
  auto_unbox = TRUE, digits = NA), stdout())
