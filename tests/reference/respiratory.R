# Proportions as a plan compares them. Month 4 of HSAUR3::respiratory, adjusted for status at the start and centre; and
# of fdd.csv who gained ten points or more from prop1 to prop2, adjusted for prop1: glm, then each arm's mean chance over
# everybody (g-computation). Errors by stacked estimating equations of coefficients and both risks, their slopes by
# numDeriv, residuals over 1 - h (HC3); t with n - p. Without a model: Newcombe from prop.test's intervals.
# Writes respiratory.csv. Run in this folder: Rscript respiratory.R > respiratory.json
suppressPackageStartupMessages({ library(HSAUR3); library(numDeriv); library(jsonlite) })

data("respiratory", package = "HSAUR3")
start <- respiratory[respiratory$month == "0", ]
end <- respiratory[respiratory$month == "4", ]
end <- end[match(start$subject, end$subject), ]
people <- data.frame(id = as.integer(as.character(start$subject)), centre = as.integer(as.character(start$centre)),
                     treatment = as.character(start$treatment), before = as.numeric(start$status == "good"),
                     after = as.numeric(end$status == "good"))
people <- people[order(people$id), ]
write.csv(people, "respiratory.csv", row.names = FALSE, quote = FALSE)

fdd <- read.csv("fdd.csv")
fdd <- fdd[!is.na(fdd$prop1) & !is.na(fdd$prop2), ]
fdd$gained <- as.numeric(fdd$prop1 - fdd$prop2 >= 10)

analysis <- function(formula, d, arm, one, other) {
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
  each <- cbind(x * c((y - fitted(fit)) / (1 - h)), plogis(x1 %*% b) - risks[1], plogis(x0 %*% b) - risks[2])
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

write(toJSON(list(
  made_with = list(R = R.version.string, HSAUR3 = as.character(packageVersion("HSAUR3")),
                   numDeriv = as.character(packageVersion("numDeriv"))),
  analyses = list(
    respiratory = analysis(after ~ arm + before + factor(centre), people, "treatment", "treatment", "placebo"),
    fdd = analysis(gained ~ arm + prop1, fdd, "trt", "C", "E"))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE), stdout())
