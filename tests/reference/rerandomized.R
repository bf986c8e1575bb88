# A small stratified trial and every list that permuted blocks of four could have given it: the studentised statistic
# of each by lm and sandwich, the p-value over all lists, and exact permutation tests of the package coin.
suppressPackageStartupMessages({
  library(jsonlite)
  library(sandwich)
  library(coin)
})

outcome <- c(12, 9, 15, 7, 11, 14, 8, 10, 13, 6, 9, 12)
baseline <- c(14, 11, 15, 10, 13, 13, 9, 12, 16, 10, 8, 14)
site <- rep(c(0, 1), times = c(8, 4))
block <- rep(1:3, each = 4)
real <- c(1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1)

one_block <- t(apply(combn(4, 2), 2, function(places) as.numeric(1:4 %in% places)))
choices <- expand.grid(1:6, 1:6, 1:6)
lists <- t(apply(choices, 1, function(pick) as.vector(t(one_block[pick, ]))))

studentised <- function(arm, type) {
  fit <- lm(outcome ~ arm + baseline + site)
  unname(coef(fit)["arm"] / sqrt(vcovHC(fit, type = type)["arm", "arm"]))
}
apart <- function(arm) mean(outcome[arm == 1]) - mean(outcome[arm == 0])
over_all <- function(values, observed) mean(abs(values) >= abs(observed) * (1 - 1e-9))

hc3 <- apply(lists, 1, studentised, type = "HC3")
hc2 <- apply(lists, 1, studentised, type = "HC2")
plain <- apply(lists, 1, apart)
textbook <- data.frame(y = c(3, 5, 6, 7, 0, 1, 2, 4), arm = factor(rep(c("a", "b"), each = 4)))

cat(toJSON(list(
  made_with = list(
    R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
    coin = as.character(packageVersion("coin"))
  ),
  outcome = outcome, baseline = baseline, site = site, real = real, lists = lists,
  HC3 = list(t = hc3, observed = studentised(real, "HC3"), p = over_all(hc3, studentised(real, "HC3"))),
  HC2 = list(t = hc2, observed = studentised(real, "HC2"), p = over_all(hc2, studentised(real, "HC2"))),
  plain = list(difference = plain, observed = apart(real), p = over_all(plain, apart(real))),
  coin = list(
    blocks = as.numeric(pvalue(oneway_test(outcome ~ factor(real) | factor(block), distribution = "exact"))),
    textbook = as.numeric(pvalue(oneway_test(y ~ arm, data = textbook, distribution = "exact")))
  ),
  interval = as.numeric(binom.test(5, 100)$conf.int)
), digits = NA, auto_unbox = TRUE, pretty = FALSE))
cat("\n")
