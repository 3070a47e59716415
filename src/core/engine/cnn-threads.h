/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * cnn_threads_restart:
 * @argv: the program's arguments
 *
 * To be called first in main(). oneDNN's threads spin while they wait for each other, which ruins the times
 * on a machine that does anything else; a short spin does not. The thread library reads that when it is
 * loaded, so the program starts itself again with GOMP_SPINCOUNT set. Does nothing where the person has
 * chosen (OMP_WAIT_POLICY or GOMP_SPINCOUNT is set), and goes on as it is where starting again fails.
 */
void cnn_threads_restart (char **argv);

G_END_DECLS
