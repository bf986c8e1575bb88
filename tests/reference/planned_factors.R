# What a plan makes of the factorial trial in linear_models.json, with gaps: main effects, interaction and each factor's effect at
# either level of the other by lm on codes of one half, means of the cells by lm without intercept, HC3 throughout.
# Run in this folder: Rscript planned_factors.R > planned_factors.json
suppressPackageStartupMessages({ library(sandwich); library(lmtest); library(jsonlite) })

d <- fromJSON("linear_models.json")$factorial$data
d$person <- seq_len(nrow(d))
d$outcome[d$person %% 11 == 0] <- NA
d$baseline[d$person %% 13 == 0] <- NA
complete <- subset(d, !is.na(outcome) & !is.na(baseline))
d$baseline[is.na(d$baseline)] <- mean(d$baseline, na.rm = TRUE) # over everyone randomised
seen <- subset(d, !is.na(outcome))

of <- function(model, name) {
  v <- vcovHC(model, type = "HC3")
  t <- coeftest(model, vcov = v)[name, ]
  list(estimate = t[[1]], se = t[[2]], df = model$df.residual, p = t[[4]], ci = as.numeric(coefci(model, name, vcov = v)))
}

effects <- function(d) {
  coded <- function(mail = 0, call = 0) {
    d$x1 <- ifelse(d$mail == "kind", .5, -.5) - mail
    d$x2 <- ifelse(d$call == "yes", .5, -.5) - call
    lm(outcome ~ x1 * x2 + baseline, d)
  }
  d$cell <- factor(paste(d$mail, d$call, sep = "_"))
  d$centred <- d$baseline - mean(d$baseline)
  cells <- lm(outcome ~ 0 + cell + centred, d)
  names <- levels(d$cell)
  list(n = as.list(table(d$cell)), mail = of(coded(), "x1"), call = of(coded(), "x2"), interaction = of(coded(), "x1:x2"),
       mail_at = list(yes = of(coded(call = .5), "x1"), no = of(coded(call = -.5), "x1")),
       call_at = list(kind = of(coded(mail = .5), "x2"), plain = of(coded(mail = -.5), "x2")),
       means = setNames(lapply(names, function(one) of(cells, paste0("cell", one))), names))
}

write(toJSON(list(
  made_with = list(R = R.version.string, sandwich = as.character(packageVersion("sandwich")),
                   lmtest = as.character(packageVersion("lmtest"))),
  planned = effects(seen), complete = effects(complete)), auto_unbox = TRUE, digits = NA), stdout())
