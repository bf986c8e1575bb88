# A model of repeated outcomes with an unstructured covariance, brought to the very top of its restricted likelihood, and
# combinations of its coefficients judged by Satterthwaite's degrees of freedom (numDeriv, on the gradient) and by Kenward
# and Roger (lme4, pbkrtest; and their formulas at the same top, for lmer stops short of it where a start is poor). Sourced by mmrm.R and factorial_repeated.R; long has y, id and the factor t.
suppressPackageStartupMessages({ library(nlme); library(lme4); library(pbkrtest); library(numDeriv) })

restricted <- function(formula, long) {
  times <- nlevels(long$t)
  x <- model.matrix(formula, long)
  y <- long$y
  at <- as.integer(long$t)
  people <- split(seq_along(y), long$id)
  sigma <- function(theta) { s <- matrix(0, times, times); s[lower.tri(s, TRUE)] <- theta; s + t(s) - diag(diag(s)) }
  parts <- function(theta) {
    s <- sigma(theta); xwx <- 0; xwy <- 0; logs <- 0; ywy <- 0
    for (rows in people) {
      m <- s[at[rows], at[rows], drop = FALSE]
      w <- solve(m); xi <- x[rows, , drop = FALSE]; yi <- y[rows]
      xwx <- xwx + t(xi) %*% w %*% xi; xwy <- xwy + t(xi) %*% w %*% yi
      ywy <- ywy + sum(yi * (w %*% yi)); logs <- logs + determinant(m)$modulus
    }
    beta <- solve(xwx, xwy)
    twice <- logs + determinant(xwx)$modulus + ywy - sum(beta * xwy) + (length(y) - ncol(x)) * log(2 * pi)
    list(beta = beta, phi = solve(xwx), value = -0.5 * as.numeric(twice))
  }
  # its gradient, written out: numDeriv then has one derivative to take in place of two, and loses half as many digits
  slope <- function(theta) {
    s <- sigma(theta); its <- parts(theta)
    ways <- lapply(seq_along(theta), function(k) sigma(as.numeric(seq_along(theta) == k)))
    found <- numeric(length(theta))
    for (rows in people) {
      w <- solve(s[at[rows], at[rows], drop = FALSE]); xi <- x[rows, , drop = FALSE]
      left <- w %*% (y[rows] - xi %*% its$beta)
      known <- w - w %*% xi %*% its$phi %*% t(xi) %*% w
      for (k in seq_along(theta)) {
        a <- ways[[k]][at[rows], at[rows], drop = FALSE]
        found[k] <- found[k] - 0.5 * (sum(known * a) - sum(left * (a %*% left)))
      }
    }
    found
  }
  # the covariance of the coefficients and that of theta as Kenward and Roger (1997) have them, the linear form
  enlarged <- function(theta) {
    s <- sigma(theta); phi <- parts(theta)$phi; each <- seq_along(theta)
    ways <- lapply(each, function(k) sigma(as.numeric(each == k)))
    p <- lapply(each, function(k) 0 * phi); q <- lapply(each, function(k) p)
    expected <- matrix(0, length(theta), length(theta))
    for (rows in people) {
      w <- solve(s[at[rows], at[rows], drop = FALSE]); xi <- x[rows, , drop = FALSE]
      wa <- lapply(ways, function(a) w %*% a[at[rows], at[rows], drop = FALSE])
      for (k in each) {
        p[[k]] <- p[[k]] - t(xi) %*% wa[[k]] %*% w %*% xi
        for (l in each) {
          q[[k]][[l]] <- q[[k]][[l]] + t(xi) %*% wa[[k]] %*% wa[[l]] %*% w %*% xi
          expected[k, l] <- expected[k, l] + 0.5 * sum(diag(wa[[k]] %*% wa[[l]]))
        }
      }
    }
    for (k in each) for (l in each) expected[k, l] <- expected[k, l] - sum(phi * q[[k]][[l]]) +
      0.5 * sum(diag(phi %*% p[[k]] %*% phi %*% p[[l]]))
    spread <- solve(expected); more <- 0 * phi
    for (k in each) for (l in each) more <- more + spread[k, l] * (q[[k]][[l]] - p[[k]] %*% phi %*% p[[l]])
    list(phi = phi, reported = phi + 2 * phi %*% more %*% phi, p = p, spread = spread)
  }
  list(x = x, parts = parts, sigma = sigma, slope = slope, enlarged = enlarged)
}

told <- function(found, se, df) list(estimate = found, se = se, df = df)

by_gls <- function(formula, long) {
  times <- nlevels(long$t)
  model <- gls(formula, long, correlation = corSymm(form = ~ as.integer(t) | id), weights = varIdent(form = ~ 1 | t),
               method = "REML", control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14,
                                                    opt = "optim", apVar = FALSE))
  spread <- model$sigma * coef(model$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(long$t)]
  r <- diag(times)
  r[lower.tri(r)] <- coef(model$modelStruct$corStruct, unconstrained = FALSE)
  r <- r + t(r) - diag(times)
  covariance <- r * outer(spread, spread)
  # newton from there, so that what follows is taken at the very top
  own <- restricted(formula, long)
  theta <- covariance[lower.tri(covariance, TRUE)]
  value <- function(theta) own$parts(theta)$value
  stopifnot(all.equal(own$slope(1.1 * theta), grad(value, 1.1 * theta), tolerance = 1e-6))
  for (step in 1:4) theta <- theta - solve(jacobian(own$slope, theta), own$slope(theta))
  list(model = model, own = own, theta = theta, gap = value(theta) - value(covariance[lower.tri(covariance, TRUE)]),
       curvature = -jacobian(own$slope, theta))
}

# combinations: from the names of the coefficients to a list of weights
judged <- function(formula, long, combinations) {
  found <- by_gls(formula, long)
  at <- found$own$parts(found$theta)
  spread <- solve(found$curvature)
  names <- colnames(found$own$x)
  satterthwaite <- lapply(combinations(names), function(c) {
    v <- function(theta) as.numeric(t(c) %*% found$own$parts(theta)$phi %*% c)
    g <- grad(v, found$theta)
    told(sum(c * at$beta), sqrt(v(found$theta)), 2 * v(found$theta)^2 / as.numeric(t(g) %*% spread %*% g))
  })
  mixed <- suppressMessages(lmer(update(formula, . ~ . + (0 + t | id)), long, REML = TRUE,
                                 control = lmerControl(check.nobs.vs.nRE = "ignore", optimizer = "bobyqa",
                                                       optCtrl = list(maxfun = 1e6, rhoend = 1e-12))))
  adjusted <- as.matrix(vcovAdj(mixed))
  order <- match(names, names(fixef(mixed)))
  kenward_roger <- lapply(combinations(names), function(c) {
    there <- numeric(length(c)); there[order] <- c
    told(sum(there * fixef(mixed)), sqrt(as.numeric(t(there) %*% adjusted %*% there)),
         get_Lb_ddf(mixed, there))
  })
  its <- found$own$enlarged(found$theta)
  written_out <- lapply(combinations(names), function(c) {
    along <- as.numeric(its$phi %*% c)
    g <- -sapply(its$p, function(p) sum(along * (p %*% along)))
    told(sum(c * at$beta), sqrt(as.numeric(t(c) %*% its$reported %*% c)),
         2 * sum(c * along)^2 / as.numeric(t(g) %*% its$spread %*% g))
  })
  covariance <- found$own$sigma(found$theta)
  list(log_likelihood = at$value, log_likelihood_gls = as.numeric(logLik(found$model)), above_gls = found$gap,
       covariance = covariance, satterthwaite = satterthwaite, kenward_roger = kenward_roger, kenward_roger_written_out = written_out,
       log_likelihood_lmer = as.numeric(logLik(mixed)))
}
