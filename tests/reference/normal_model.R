# The normal model of several timepoints with gaps: nlme::gls, unstructured covariance, REML and ML; Rubin's rules by
# mice::pool.scalar. Run in this folder: Rscript normal_model.R > normal_model.json
suppressPackageStartupMessages({ library(nlme); library(jsonlite) })

fdd <- read.csv("fdd.csv")
fdd$prop1[is.na(fdd$prop1)] <- mean(fdd$prop1, na.rm = TRUE)

# prop2 and prop3 given prop1, each timepoint with its own line, of one arm or of both with a line for each arm.
fit <- function(data, method, pooled) {
  long <- rbind(data.frame(id = data$id, trt = data$trt, x = data$prop1, t = "2", y = data$prop2),
                data.frame(id = data$id, trt = data$trt, x = data$prop1, t = "3", y = data$prop3))
  long <- long[!is.na(long$y), ]
  long$t <- factor(long$t)
  long <- long[order(long$id, long$t), ]
  formula <- if (pooled) y ~ t - 1 + t:trt + t:x else y ~ t - 1 + t:x
  model <- gls(formula, long, correlation = corSymm(form = ~ as.integer(t) | id),
               weights = varIdent(form = ~ 1 | t), method = method,
               control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14,
                                    opt = "optim", apVar = FALSE))
  spread <- model$sigma * coef(model$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[c("2", "3")]
  r <- coef(model$modelStruct$corStruct, unconstrained = FALSE)
  list(coefficients = as.list(coef(model)), sd = unname(spread), correlation = unname(r), loglik = as.numeric(logLik(model)))
}

q <- c(-3.9, -4.2, -3.5, -4.0, -4.6)
u <- c(2.9, 3.1, 2.8, 3.0, 3.2)
pooled <- function(n, k) {
  found <- mice::pool.scalar(q, u, n = n, k = k)
  list(estimate = found$qbar, variance = found$t, df = found$df, fmi = found$fmi, df_complete = n - k)
}

write(toJSON(list(
  made_with = list(R = R.version.string, nlme = as.character(packageVersion("nlme")),
                   mice = as.character(packageVersion("mice"))),
  fdd = list(E = list(REML = fit(fdd[fdd$trt == "E", ], "REML", FALSE), ML = fit(fdd[fdd$trt == "E", ], "ML", FALSE)),
             C = list(REML = fit(fdd[fdd$trt == "C", ], "REML", FALSE), ML = fit(fdd[fdd$trt == "C", ], "ML", FALSE)),
             both = list(REML = fit(fdd, "REML", TRUE), ML = fit(fdd, "ML", TRUE))),
  rubin = list(q = q, u = u, small = pooled(100, 3), large = pooled(Inf, 1))),
  auto_unbox = TRUE, digits = NA, pretty = TRUE, na = "null"), stdout())
