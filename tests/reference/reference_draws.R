# Reference-based imputation by draws (jump to, copy, copy increments in reference) of fdd in plain R, apart from the
# Python: data augmentation one chain after another, the planned model with HC3 by sandwich, Rubin's rules written out.
# Run in this folder: Rscript reference_draws.R > reference_draws.json
suppressPackageStartupMessages({library(jsonlite); library(sandwich)})
set.seed(20261127)
M <- 600; ROUNDS <- 10

fdd <- read.csv("fdd.csv")
fdd$prop1[is.na(fdd$prop1)] <- mean(fdd$prop1, na.rm = TRUE)

# The gaps of y (n x 2) given coefficients b (2 x 2) and covariance s
fill <- function(y, x, b, s) {
  mu <- cbind(1, x) %*% b
  for (t in 1:2) {
    o <- 3 - t
    gap <- is.na(y[, t]) & !is.na(y[, o])
    y[gap, t] <- mu[gap, t] + s[t, o] / s[o, o] * (y[gap, o] - mu[gap, o]) +
      rnorm(sum(gap)) * sqrt(s[t, t] - s[t, o]^2 / s[o, o])
  }
  y
}

# Parameters of one arm, drawn given the people who have any outcome; prior |S|^-(T+1)/2
draw <- function(x, y) {
  there <- rowSums(!is.na(y)) > 0
  x <- x[there]; y <- y[there, , drop = FALSE]
  full <- y
  for (t in 1:2) {
    line <- lm(y[, t] ~ x)
    full[is.na(y[, t]), t] <- (cbind(1, x) %*% coef(line))[is.na(y[, t])] + rnorm(sum(is.na(y[, t]))) * 5
  }
  z <- cbind(1, x); inverse <- solve(crossprod(z))
  for (round in seq_len(ROUNDS)) {
    b <- inverse %*% crossprod(z, full)
    s <- solve(rWishart(1, nrow(z) - 2, solve(crossprod(full - z %*% b)))[, , 1])
    b <- b + t(chol(inverse)) %*% matrix(rnorm(4), 2) %*% chol(s)
    full <- fill(y, x, b, s)
  }
  list(b = b, s = s)
}

impute <- function(planned, first, rule, models) {
  t <- if (planned == "prop2") 1 else 2
  o <- 3 - t
  y <- as.matrix(fdd[, c("prop2", "prop3")])
  other <- if (first == "E") "C" else "E"
  full <- y[, t]
  for (i in which(is.na(full))) {
    own <- models[[fdd$trt[i]]]
    leaves <- all(is.na(y[i, t:2])) && fdd$trt[i] == first
    from <- if (leaves) models[[other]] else own
    x <- c(1, fdd$prop1[i])
    mean <- sum(x * from$b[, t]); variance <- from$s[t, t]
    if (!is.na(y[i, o])) {
      held <- if (leaves && rule == "copy_reference") from else own
      mean <- mean + from$s[t, o] / from$s[o, o] * (y[i, o] - sum(x * held$b[, o]))
      if (leaves && rule == "copy_increments") mean <- mean + sum(x * (own$b[, o] - from$b[, o]))
      variance <- variance - from$s[t, o]^2 / from$s[o, o]
    }
    full[i] <- mean + rnorm(1) * sqrt(variance)
  }
  treated <- as.numeric(fdd$trt == first)
  fit <- lm(full ~ treated + fdd$prop1)
  c(coef(fit)[["treated"]], vcovHC(fit, "HC3")["treated", "treated"])
}

analyses <- list()
for (planned in c("prop2", "prop3")) {
  drawn <- lapply(seq_len(M), function(m) lapply(c(E = "E", C = "C"), function(a) {
    its <- fdd$trt == a
    draw(fdd$prop1[its], as.matrix(fdd[its, c("prop2", "prop3")]))
  }))
  for (rule in c("jump_to_reference", "copy_reference", "copy_increments")) {
    found <- sapply(drawn, function(models) impute(planned, "E", rule, models))
    within <- mean(found[2, ]); between <- var(found[1, ])
    analyses[[paste(planned, rule, sep = "_")]] <-
      list(estimate = mean(found[1, ]), within = within, between = between, imputations = M,
           se = sqrt(within + (1 + 1 / M) * between))
  }
}
write(toJSON(list(made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich"))),
                  analyses = analyses), auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
