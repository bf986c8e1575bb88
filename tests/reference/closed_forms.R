# Holm by p.adjust, one-sample and paired intervals by t.test, power by pt.
# Run in this folder: Rscript closed_forms.R > closed_forms.json
suppressPackageStartupMessages(library(jsonlite))

holm <- function(p) list(p = p, adjusted = p.adjust(p, "holm"))

one_mean <- function(x, level) {
  test <- t.test(x, conf.level = level)
  list(values = x, level = level, mean = mean(x), sd = sd(x), se = test$stderr, low = test$conf.int[1],
       high = test$conf.int[2])
}

power <- function(d, r, n, alpha) {
  df <- 2 * n - 3
  ncp <- d / sqrt(1 - r^2) * sqrt(n / 2)
  critical <- qt(1 - alpha / 2, df)
  list(d = d, r = r, n = n, alpha = alpha,
       power = pt(critical, df, ncp, lower.tail = FALSE) + pt(-critical, df, ncp))
}

change <- function(before, after, level) {
  test <- t.test(after, before, paired = TRUE, conf.level = level)
  list(before = before, after = after, level = level, estimate = unname(test$estimate), se = test$stderr,
       df = unname(test$parameter), low = test$conf.int[1], high = test$conf.int[2], p = test$p.value)
}

fdd <- read.csv("fdd.csv")
three <- read.csv("three_arms.csv")
letter <- with(three, outcome[arm == "letter" & !is.na(outcome)])

write(toJSON(list(
  made_with = list(R = R.version.string),
  holm = list(holm(c(.001, .01, .02, .03, .04, .2)), holm(c(.2, .01, .04, .01)), holm(c(.6, .7, .9)), holm(c(.05, 0))),
  one_mean = list(one_mean(letter, .95), one_mean(c(3, 5), .95), one_mean(c(-1.5, 0, 2.25, 8), .8)),
  mean_change = list(change(fdd$prop1, fdd$prop2, .95), change(fdd$prop1, fdd$prop3, .9),
                     change(c(10, 12, NA, 9), c(7, 12, 5, 10), .95)),
  power = list(power(.3, .6, 30, .05), power(-.3, .6, 30, .05), power(0, .6, 30, .05), power(.5, 0, 64, .05),
               power(.2, .6, 253, .05), power(.2, .6, 304, .025), power(1.2, .5, 3, .05))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
