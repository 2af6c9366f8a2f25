# How long EpiEstim and surveillance take for a series, and what they say of it, for benches/epi.rs.
suppressWarnings(suppressMessages({ library(EpiEstim); library(surveillance) }))
set.seed(365)
say <- function(word, ...) cat(word, sprintf("%.15g", as.numeric(c(...))), "\n", sep = " ")
rows <- function(table) for (i in seq_len(nrow(table))) do.call(say, c("row", as.list(as.numeric(table[i, ]))))
quiet <- function(it) suppressWarnings(suppressMessages(it))
# The middle of some rounds, after one that compiles.
time <- function(run, rounds) { run(); median(replicate(rounds, system.time(run())[["elapsed"]])) }

I <- rnbinom(365, mu = 60 * exp(1.5 * sin(seq_len(365) / 40)), size = 8)
rt <- function() quiet(estimate_R(I, method = "parametric_si", config = make_config(list(mean_si = 4.7, std_si = 2.9))))
say("rt", time(rt, 7), 4.7, 2.9); say("cases", I); rows(rt()$R)

y <- rnbinom(330, mu = 20 * exp(.5 * sin(2 * pi * seq_len(330) / 52)), size = 5)
series <- sts(observed = y, frequency = 52)
control <- list(b = 4, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, pThresholdTrend = 1, weightsThreshold = 2.58, thresholdMethod = "nbPlugin", alpha = .01, glmWarnings = FALSE)
flexible <- function() quiet(farringtonFlexible(series, control = control))
say("farrington", time(flexible, 3), .01); say("cases", y)
r <- flexible(); rows(cbind(seq(331 - nrow(r), 330), upperbound(r)[, 1], alarms(r)[, 1]))
