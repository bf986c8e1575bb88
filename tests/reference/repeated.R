# A made-up trial of three arms with a baseline, a factor and four later outcomes, a fifth of them missing, nobody's data.
# Run in this folder: Rscript repeated.R. It writes repeated.csv.
set.seed(20261127)
n <- 120
arm <- sample(rep(c("kind", "calm", "wait"), each = n / 3))
sex <- ifelse(runif(n) < 0.6, "f", "m")
person <- rnorm(n, 0, 4)
baseline <- round(24 + person + rnorm(n, 0, 3), 1)
gain <- c(kind = 3, calm = 1.5, wait = 0)[arm]
y <- sapply(1:4, function(t) {
  round(24 + 0.8 * person + (sex == "m") * 1.2 - gain * t / 4 - 0.4 * t + rnorm(n, 0, 2 + 0.5 * t), 1)
})
gone <- matrix(runif(n * 4) < 0.08, n)                      # a letter not answered
left <- runif(n) < 0.25                                     # and some leave for good, the worse off sooner
last <- ifelse(left, pmax(1, pmin(4, 2 + (baseline < 24) + rbinom(n, 1, 0.5))), 5)
for (t in 1:4) y[gone[, t] | last <= t, t] <- NA
write.csv(data.frame(id = 1:n, arm, sex, baseline, y1 = y[, 1], y2 = y[, 2], y3 = y[, 3], y4 = y[, 4]),
          "repeated.csv", row.names = FALSE, na = "", quote = FALSE)
