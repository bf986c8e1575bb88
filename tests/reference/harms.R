# Exact intervals by binom.test.
# Run in this folder: Rscript harms.R > harms.json
suppressPackageStartupMessages(library(jsonlite))

exact <- function(events, n, level) {
  test <- binom.test(events, n, conf.level = level)
  list(events = events, n = n, level = level, low = test$conf.int[1], high = test$conf.int[2])
}

write(toJSON(list(
  made_with = list(R = R.version.string),
  exact = list(exact(0, 52, .95), exact(1, 48, .95), exact(7, 300, .9), exact(12, 12, .95), exact(3, 1000000, .95))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
