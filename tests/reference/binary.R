# Logistic regression of a yes or no in the made-up trial of three arms: glm, sandwich::vcovHC, and standardised risks
# twice over. (1) Delta method: gradients of the risks by numDeriv on the coefficients, with vcov and vcovHC.
# (2) Stacked estimating equations of coefficients and both risks, their slopes by numDeriv, the sandwich by hand.
# Run in this folder: Rscript binary.R > binary.json
suppressPackageStartupMessages({ library(sandwich); library(numDeriv); library(jsonlite) })

three <- read.csv("three_arms.csv", stringsAsFactors = TRUE)
three <- three[!is.na(three$outcome), ]
three$yes <- as.numeric(three$outcome <= median(three$outcome))

analysis <- function(formula, one, other) {
  fit <- glm(formula, binomial, three, control = glm.control(epsilon = 1e-15, maxit = 100))
  x <- model.matrix(fit)
  given <- function(a) { d <- three; d$arm[] <- a; model.matrix(formula, d) }
  x1 <- given(one); x0 <- given(other)
  risks <- function(b) c(mean(plogis(x1 %*% b)), mean(plogis(x0 %*% b)))
  by <- function(r) c(difference = r[1] - r[2], log_ratio = log(r[1] / r[2]))
  b <- coef(fit); n <- nrow(x); h <- hatvalues(fit); r <- risks(b)
  contrast <- c(paste0("arm", one), paste0("arm", other))
  pick <- sapply(names(b), function(k) (k == contrast[1]) - (k == contrast[2]))
  kinds <- c("model", "HC0", "HC2", "HC3")
  table <- function(kind) if (kind == "model") vcov(fit) else vcovHC(fit, type = kind)
  slopes <- jacobian(function(b) by(risks(b)), b)
  delta <- lapply(setNames(kinds, kinds), function(kind) sqrt(diag(slopes %*% table(kind) %*% t(slopes))))
  scale <- list(HC0 = 1, HC2 = sqrt(1 - h), HC3 = 1 - h)
  stack <- function(theta) {
    b <- theta[seq_along(coef(fit))]; r <- tail(theta, 2)
    colMeans(cbind(x * c(three$yes - plogis(x %*% b)), plogis(x1 %*% b) - r[1], plogis(x0 %*% b) - r[2]))
  }
  bread <- solve(jacobian(stack, c(b, r)))
  stacked <- lapply(setNames(names(scale), names(scale)), function(kind) {
    each <- cbind(x * c((three$yes - fitted(fit)) / scale[[kind]]), plogis(x1 %*% b) - r[1], plogis(x0 %*% b) - r[2])
    v <- (bread %*% crossprod(each) %*% t(bread) / n^2)[length(b) + 1:2, length(b) + 1:2]
    g <- jacobian(by, r)
    list(risks = sqrt(diag(v)), contrasts = sqrt(diag(g %*% v %*% t(g))))
  })
  list(log_odds_ratio = sum(pick * b),
       se = lapply(setNames(kinds, kinds), function(kind) sqrt(c(pick %*% table(kind) %*% pick))),
       risks = r, contrasts = as.list(by(r)), delta = lapply(delta, unname), stacked = stacked, df = df.residual(fit))
}

write(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   numDeriv = as.character(packageVersion("numDeriv"))),
  analyses = list(
    without = analysis(yes ~ arm, "letter", "early_memory"),
    baseline = analysis(yes ~ arm + baseline, "letter", "early_memory"),
    region = analysis(yes ~ arm + baseline + region, "optimism", "early_memory"))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
