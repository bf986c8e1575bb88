# Conditional mean imputation (missing at random; jump to, copy, copy increments in reference) with a jackknife, in plain R, apart from the
# Python: the restricted likelihood of each arm is maximised by optim from its density, and every
# person is left out in turn. The tipping point beside it: prop2 ten points better with E, so that there is a finding, its
# missing values made worse by delta, and by uniroot the delta at which p is 0.05. Run in this folder: Rscript jump_to_reference.R > jump_to_reference.json
suppressPackageStartupMessages(library(jsonlite))

fdd <- read.csv("fdd.csv")
fdd$prop1[is.na(fdd$prop1)] <- mean(fdd$prop1, na.rm = TRUE)

# Minus twice the restricted log likelihood of y (n x 2, NA for gaps) given intercept and x, at a Cholesky factor of the
# covariance; with the coefficients (2 x 2, a column for each timepoint) that go with it.
parts <- function(par, x, y) {
  l <- matrix(c(exp(par[1]), par[2], 0, exp(par[3])), 2)
  s <- l %*% t(l)
  info <- matrix(0, 4, 4); right <- numeric(4); fixed <- 0
  for (seen in list(1:2, 1, 2)) {
    its <- rowSums(!is.na(y)) == length(seen) & rowSums(!is.na(y[, seen, drop = FALSE])) == length(seen)
    if (!any(its)) next
    design <- cbind(1, x[its]); known <- y[its, seen, drop = FALSE]
    v <- s[seen, seen, drop = FALSE]
    w <- solve(v)
    at <- as.vector(sapply(seen, function(k) 2 * k - 1:0))
    info[at, at] <- info[at, at] + kronecker(w, crossprod(design))
    right[at] <- right[at] + as.vector(crossprod(design, known) %*% w)
    fixed <- fixed + sum((known %*% w) * known) + sum(its) * log(det(v))
  }
  b <- solve(info, right)
  list(b = matrix(b, 2), s = s, value = fixed - sum(b * right) + log(det(info)))
}

fit <- function(x, y, start) {
  there <- rowSums(!is.na(y)) > 0
  x <- x[there]; y <- y[there, , drop = FALSE]
  value <- function(par) parts(par, x, y)$value
  found <- optim(start, value, control = list(reltol = 1e-12, maxit = 5000))
  # Newton steps with numerical derivatives, to the last digits
  par <- found$par
  for (round in 1:4) {
    h <- 1e-4
    at <- function(step) value(par + step)
    e <- diag(3) * h
    g <- sapply(1:3, function(i) (at(e[i, ]) - at(-e[i, ])) / (2 * h))
    m <- outer(1:3, 1:3, Vectorize(function(i, j)
      (at(e[i, ] + e[j, ]) - at(e[i, ] - e[j, ]) - at(-e[i, ] + e[j, ]) + at(-e[i, ] - e[j, ])) / (4 * h^2)))
    par <- par - solve(m, g)
  }
  c(parts(par, x, y)[c("b", "s")], list(par = par))
}

models <- function(data, starts) lapply(c(E = "E", C = "C"), function(a) {
  its <- data$trt == a
  fit(data$prop1[its], as.matrix(data[its, c("prop2", "prop3")]), starts[[a]])
})

estimate <- function(data, arms, planned, first, rule, delta = 0) {
  t <- if (planned == "prop2") 1 else 2
  o <- 3 - t
  y <- as.matrix(data[, c("prop2", "prop3")])
  other <- if (first == "E") "C" else "E"
  full <- y[, t]
  filled <- logical(nrow(data))
  for (i in which(is.na(full))) {
    own <- arms[[data$trt[i]]]
    leaves <- rule != "random" && all(is.na(y[i, t:2])) && data$trt[i] == first
    from <- if (leaves) arms[[other]] else own
    x <- c(1, data$prop1[i])
    full[i] <- sum(x * from$b[, t])
    if (!is.na(y[i, o])) {
      held <- if (leaves && rule == "copy_reference") from else own
      full[i] <- full[i] + from$s[t, o] / from$s[o, o] * (y[i, o] - sum(x * held$b[, o]))
      if (leaves && rule == "copy_increments") full[i] <- full[i] + sum(x * (own$b[, o] - from$b[, o]))
    }
    filled[i] <- data$trt[i] == first
    if (filled[i]) full[i] <- full[i] + delta
  }
  treated <- as.numeric(data$trt == first)
  c(estimate = unname(coef(lm(full ~ treated + data$prop1))["treated"]),
    slope = unname(coef(lm(as.numeric(filled) ~ treated + data$prop1))["treated"]))
}

first_guess <- c(log(9.5), 8, log(7))
whole_models <- models(fdd, list(E = first_guess, C = first_guess))
starts <- lapply(whole_models, function(m) m$par)
less_models <- lapply(seq_len(nrow(fdd)), function(i) models(fdd[-i, ], starts))

analyses <- list()
rules <- c("random", "jump_to_reference", "copy_reference", "copy_increments")
for (planned in c("prop2", "prop3")) for (first in c("E", "C")) for (rule in rules) {
  whole <- estimate(fdd, whole_models, planned, first, rule)
  without <- sapply(seq_len(nrow(fdd)), function(i)
    estimate(fdd[-i, ], less_models[[i]], planned, first, rule)["estimate"])
  n <- length(without)
  analyses[[paste(planned, first, rule, sep = "_")]] <-
    list(estimate = whole[["estimate"]], slope = whole[["slope"]],
         se = sqrt((n - 1) / n * sum((without - mean(without))^2)))
}

better <- fdd
better$prop2 <- better$prop2 - 10 * (fdd$trt == "E")
better_models <- models(better, list(E = first_guess, C = first_guess))
starts <- lapply(better_models, function(m) m$par)
less_better <- lapply(seq_len(nrow(fdd)), function(i) models(better[-i, ], starts))
df <- sum(!is.na(better$prop2)) - 3
shifted <- function(delta) {
  whole <- estimate(better, better_models, "prop2", "E", "random", delta)[["estimate"]]
  without <- sapply(seq_len(nrow(fdd)), function(i)
    estimate(better[-i, ], less_better[[i]], "prop2", "E", "random", delta)[["estimate"]])
  n <- length(without)
  se <- sqrt((n - 1) / n * sum((without - mean(without))^2))
  list(delta = delta, estimate = whole, se = se, p = 2 * pt(-abs(whole / se), df))
}
tip <- uniroot(function(delta) shifted(delta)$p - .05, c(0, 60), tol = 1e-10)$root
write(toJSON(list(made_with = list(R = R.version.string), analyses = analyses,
                  tipping = list(better = 10, df = df, rows = lapply(c(0, 5, 20), shifted), tip = tip)),
             auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
