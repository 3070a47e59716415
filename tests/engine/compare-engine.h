/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "kernel-cases.h"
#include "reference-interpreter.h"

G_BEGIN_DECLS

/**
 * Compares every entry of the engine with the interpreter, for drawn inputs: reading values, forward of
 * several images, gradients of several seeds in a batch and at several images, with each modifier. Failures
 * are test failures, with what differs.
 */
void compare_engine (CnnModel *model, const char *name, guint32 seed, double low, double high, double step);

G_END_DECLS
