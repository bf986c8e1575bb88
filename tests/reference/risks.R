# Arms as wholes by g-computation, for the scripts that `source` this file: glm, then each arm's mean chance over
# everybody. Errors by stacked estimating equations of coefficients and both risks, their slopes by numDeriv, residuals
# over 1 - h (HC3) or its root (HC2); t with n - p. Without a model: Newcombe from prop.test's intervals.
library(numDeriv)

risks_of <- function(formula, d, arm, one, other, type = "HC3") {
  d$arm <- factor(d[[arm]], levels = c(other, one))
  fit <- glm(formula, binomial, d, control = glm.control(epsilon = 1e-15, maxit = 100))
  y <- fit$y; x <- model.matrix(fit); n <- nrow(x); b <- coef(fit); h <- hatvalues(fit)
  given <- function(a) { e <- d; e$arm[] <- a; model.matrix(formula, e) }
  x1 <- given(one); x0 <- given(other)
  risks <- c(mean(plogis(x1 %*% b)), mean(plogis(x0 %*% b)))
  stack <- function(t) {
    b <- head(t, -2); r <- tail(t, 2)
    colMeans(cbind(x * c(y - plogis(x %*% b)), plogis(x1 %*% b) - r[1], plogis(x0 %*% b) - r[2]))
  }
  bread <- solve(jacobian(stack, c(b, risks)))
  left <- (y - fitted(fit)) / (1 - h)^c(HC2 = 0.5, HC3 = 1)[[type]]
  each <- cbind(x * c(left), plogis(x1 %*% b) - risks[1], plogis(x0 %*% b) - risks[2])
  v <- (bread %*% crossprod(each) %*% t(bread) / n^2)[length(b) + 1:2, length(b) + 1:2]
  by <- function(r) c(r[1] - r[2], log(r[1] / r[2]), qlogis(r[1]) - qlogis(r[2]))
  g <- jacobian(by, risks); est <- by(risks); se <- sqrt(diag(g %*% v %*% t(g))); df <- n - length(b)
  half <- qt(0.975, df) * se; p <- 2 * pt(-abs(est / se), df)
  told <- function(k, f) list(estimate = f(est[k]), se = se[k], ci = f(est[k] + c(-1, 1) * half[k]), p = p[k])
  events <- c(sum(y[d$arm == one]), sum(y[d$arm == other])); size <- c(sum(d$arm == one), sum(d$arm == other))
  w <- sapply(1:2, function(k) prop.test(events[k], size[k], correct = FALSE)$conf.int)
  q <- events / size
  newcombe <- q[1] - q[2] + c(-sqrt((q[1] - w[1, 1])^2 + (w[2, 2] - q[2])^2), sqrt((w[2, 1] - q[1])^2 + (q[2] - w[1, 2])^2))
  list(risks = risks, df = df, events = events, n = size, risk_difference = told(1, identity), risk_ratio = told(2, exp),
       odds_ratio = told(3, exp), unadjusted = list(estimate = q[1] - q[2], ci = newcombe))
}
