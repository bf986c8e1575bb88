# Ordered outcomes: MASS::polr (its optimum pushed on by optim on the density in plain R, since polr stops early), Brant's
# test written out in plain R, and coin::wilcox_test; the probability of superiority by all pairs, with placements.
# Run in this folder: Rscript ordinal.R > ordinal.json
suppressPackageStartupMessages({ library(MASS); library(coin); library(numDeriv); library(jsonlite) })

three <- read.csv("three_arms.csv", stringsAsFactors = TRUE)
three <- three[!is.na(three$outcome), ]
three$grade <- cut(three$outcome, c(-Inf, 16, 22, 28, Inf), labels = FALSE)
three$arm <- relevel(three$arm, "early_memory")

model <- function(formula, one) {
  d <- three
  d$grade <- factor(d$grade, ordered = TRUE)
  theirs <- polr(formula, d, Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000))
  x <- model.matrix(formula, d)[, -1, drop = FALSE]
  y <- as.integer(d$grade)
  minus <- function(theta) {
    b <- theta[seq_len(ncol(x))]; cuts <- c(-Inf, theta[-seq_len(ncol(x))], Inf); eta <- drop(x %*% b)
    -sum(log(plogis(cuts[y + 1] - eta) - plogis(cuts[y] - eta)))
  }
  theta <- c(coef(theirs), theirs$zeta)
  for (i in 1:6) theta <- theta - solve(hessian(minus, theta), grad(minus, theta))
  v <- solve(hessian(minus, theta))
  dimnames(v) <- list(names(theta), names(theta))
  k <- paste0("arm", one)
  # Brant
  full <- cbind(1, x)
  cuts <- length(theirs$zeta)
  fits <- lapply(seq_len(cuts), function(j) glm.fit(full, as.numeric(y > j), family = binomial(), control = list(epsilon = 1e-15, maxit = 100)))
  p <- sapply(fits, fitted)
  bread <- lapply(seq_len(cuts), function(j) solve(crossprod(full * sqrt(p[, j] * (1 - p[, j])))))
  b <- sapply(fits, function(f) coef(f)[[k]])
  v_b <- outer(seq_len(cuts), seq_len(cuts), Vectorize(function(i, j) {
    w <- p[, max(i, j)] - p[, i] * p[, j]
    if (i == j) w <- p[, i] * (1 - p[, i])
    (bread[[i]] %*% crossprod(full * w, full) %*% bread[[j]])[colnames(full) == k, colnames(full) == k]
  }))
  a <- cbind(-1, diag(cuts - 1))
  chi <- drop(t(a %*% b) %*% solve(a %*% v_b %*% t(a)) %*% (a %*% b))
  list(polr = list(estimate = coef(theirs)[[k]], se = sqrt(vcov(theirs)[k, k])), estimate = theta[[k]],
       se = sqrt(v[k, k]), brant = list(chi_square = chi, df = cuts - 1, p = pchisq(chi, cuts - 1, lower.tail = FALSE),
                                        odds_ratios = exp(b)))
}

pairs <- function(x, y, level = .95) {
  over <- outer(x, y, ">") + outer(x, y, "==") / 2
  p <- mean(over)
  v1 <- var(rowMeans(over)) / length(x); v2 <- var(colMeans(over)) / length(y)
  df <- (v1 + v2)^2 / (v1^2 / (length(x) - 1) + v2^2 / (length(y) - 1))
  half <- qt((1 + level) / 2, df) * sqrt(v1 + v2) / (p * (1 - p))
  d <- data.frame(value = c(x, y), arm = factor(rep(1:2, c(length(x), length(y)))))
  list(x = x, y = y, estimate = p, se = sqrt(v1 + v2), df = df, ci = plogis(qlogis(p) + c(-half, half)),
       p = 2 * pt(-abs(p - .5) / sqrt(v1 + v2), df), wilcoxon = as.numeric(pvalue(wilcox_test(value ~ arm, d))))
}

of <- function(a, what = "outcome") three[three$arm == a, what]
write(toJSON(list(
  made_with = list(R = R.version.string, MASS = as.character(packageVersion("MASS")),
                   coin = as.character(packageVersion("coin")), numDeriv = as.character(packageVersion("numDeriv"))),
  models = list(without = model(grade ~ arm, "letter"), baseline = model(grade ~ arm + baseline, "letter"),
                region = model(grade ~ arm + baseline + region, "optimism")),
  pairs = list(pairs(of("letter"), of("early_memory")), pairs(of("optimism"), of("early_memory")),
               pairs(of("letter", "grade"), of("optimism", "grade")))),
  auto_unbox = TRUE, digits = NA), stdout())
