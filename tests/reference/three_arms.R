# Generates three_arms.csv: 96 pretend participants in three arms, made up for these tests and about nobody.
# Spread and sample size differ between the arms, so that HC2, HC3 and the classical standard error differ too.
# Run in this folder: Rscript three_arms.R
set.seed(20100101, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
n <- c(letter = 30, optimism = 36, early_memory = 30)
arm <- sample(rep(names(n), n))
region <- sample(c("north", "south", "west"), sum(n), replace = TRUE, prob = c(.5, .3, .2))
baseline <- round(pmin(60, pmax(0, rnorm(sum(n), 24, 9))))
effect <- c(letter = -4, optimism = -2, early_memory = 0)[arm]
spread <- c(letter = 4, optimism = 7, early_memory = 10)[arm]
offset <- c(north = 0, south = 2, west = -3)[region]
outcome <- round(pmin(60, pmax(0, 8 + .6 * baseline + effect + offset + rnorm(sum(n), 0, spread))))
outcome[sample(sum(n), 14)] <- NA
write.csv(data.frame(participant = seq_along(arm), arm, region, baseline, outcome), "three_arms.csv",
          row.names = FALSE, na = "", quote = FALSE)
