# What a plan makes of two arms of three_arms.csv whose outcome is cut into four grades: proportional odds by MASS::polr, carried
# on by Newton's steps to the top of the likelihood written out in plain R; its errors by sandwich::sandwich, and again from
# everybody's slopes at the top; Brant's test. A missing baseline is at the mean.
# Run in this folder: Rscript planned_levels.R > planned_levels.json
suppressPackageStartupMessages({ library(MASS); library(numDeriv); library(sandwich); library(jsonlite) })

d <- subset(read.csv("three_arms.csv", stringsAsFactors = TRUE), arm != "optimism")
d$person <- seq_len(nrow(d))
d$baseline[d$person %% 13 == 0] <- NA
d$grade <- cut(d$outcome, c(-Inf, 16, 22, 28, Inf), labels = FALSE)
complete <- subset(d, !is.na(grade) & !is.na(baseline))
d$baseline[is.na(d$baseline)] <- mean(d$baseline, na.rm = TRUE) # over everyone randomised
seen <- subset(d, !is.na(grade))

model <- function(d) {
  d$arm <- factor(d$arm, c("early_memory", "letter"))
  d$ordered <- factor(d$grade, ordered = TRUE)
  theirs <- polr(ordered ~ arm + baseline + region, d, Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000))
  x <- model.matrix(~ arm + baseline + region, d)[, -1, drop = FALSE]
  y <- as.integer(d$grade)
  each <- function(theta) {
    b <- theta[seq_len(ncol(x))]; cuts <- c(-Inf, theta[-seq_len(ncol(x))], Inf); eta <- drop(x %*% b)
    -log(plogis(cuts[y + 1] - eta) - plogis(cuts[y] - eta))
  }
  minus <- function(theta) sum(each(theta))
  theta <- c(coef(theirs), theirs$zeta)
  for (i in 1:6) theta <- theta - solve(hessian(minus, theta), grad(minus, theta))
  slopes <- jacobian(each, theta)
  bread <- solve(hessian(minus, theta))
  se <- sqrt((bread %*% crossprod(slopes) %*% bread)[1, 1] * nrow(x) / (nrow(x) - length(theta)))
  b <- theta[[1]]
  # Brant: a logistic model at each cut
  full <- cbind(1, x); cuts <- length(theirs$zeta)
  fits <- lapply(seq_len(cuts), function(j) glm.fit(full, as.numeric(y > j), family = binomial(), control = list(epsilon = 1e-15, maxit = 100)))
  p <- sapply(fits, fitted)
  bread <- lapply(seq_len(cuts), function(j) solve(crossprod(full * sqrt(p[, j] * (1 - p[, j])))))
  at <- sapply(fits, function(f) coef(f)[["armletter"]])
  v <- outer(seq_len(cuts), seq_len(cuts), Vectorize(function(i, j) {
    w <- if (i == j) p[, i] * (1 - p[, i]) else p[, max(i, j)] - p[, i] * p[, j]
    (bread[[i]] %*% crossprod(full * w, full) %*% bread[[j]])[2, 2]
  }))
  a <- cbind(-1, diag(cuts - 1))
  chi <- drop(t(a %*% at) %*% solve(a %*% v %*% t(a)) %*% (a %*% at))
  list(n = as.list(table(droplevels(d$arm))), counts = lapply(split(d$grade, droplevels(d$arm)), tabulate, nbins = 4),
       estimate = exp(b), se = se, ci = exp(b + c(-1, 1) * qnorm(.975) * se), p = 2 * pnorm(-abs(b / se)),
       polr = exp(coef(theirs)[["armletter"]]), sandwich = sqrt(sandwich(theirs, adjust = TRUE)["armletter", "armletter"]),
       brant = list(chi_square = chi, df = cuts - 1, p = pchisq(chi, cuts - 1, lower.tail = FALSE), odds_ratios = exp(at)))
}

write(toJSON(list(
  made_with = list(R = R.version.string, MASS = as.character(packageVersion("MASS")),
                   sandwich = as.character(packageVersion("sandwich")), numDeriv = as.character(packageVersion("numDeriv"))),
  planned = model(seen), complete = model(complete)), auto_unbox = TRUE, digits = NA), stdout())
