/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "figure/cnn-figure.h"

/* What the tests of the widgets share: a window, real input, pixels, and things to show. */

/** Starts GTK and libadwaita for tests; FALSE (and a TAP "skip all") where there is no display. */
gboolean widgets_test_init (int *argc, char ***argv);

/** A plain window at the screen's upper left corner with @child filling it, drawn once. */
GtkWidget *widgets_show (GtkWidget *child, int width, int height);
/** Closes it and checks that @child is gone too. */
void widgets_close (GtkWidget *window, GtkWidget *child);

/** Iterates the main loop until @done says so. FALSE: it did not within 10 s. */
gboolean widgets_wait (gboolean (*done) (gpointer), gpointer data);
/** Iterates until the next frame of @widget is drawn. */
void widgets_wait_frame (GtkWidget *widget);
void widgets_spin (guint milliseconds);
/** The longest processor time that one dispatch of the main loop took since the last call, in milliseconds.
 */
double widgets_longest_iteration (void);

/** Whether xdotool is there for real input. */
gboolean widgets_have_input (void);
/** xdotool with these words; returns when it ended and its events were handled. */
void widgets_xdotool (const char *format, ...) G_GNUC_PRINTF (1, 2);
/** A point of @widget on the screen. */
void widgets_to_screen (GtkWidget *widget, double x, double y, int *screen_x, int *screen_y);

/** @widget as drawn: width·height pixels 0xAARRGGBB. (transfer full) */
guint32 *widgets_pixels (GtkWidget *widget, int *width, int *height);
/** Keeps a picture of @widget in $VIZ_TEST_SHOTS, if that is set. */
void widgets_shot (GtkWidget *widget, const char *name);

/** A checkerboard, black and white. */
CnnImage *widgets_checkerboard (guint width, guint height);
/** A smooth colourful picture. */
CnnImage *widgets_picture (guint width, guint height);
/** A hill; signed: with a hollow beside it. */
CnnMap *widgets_map (guint width, guint height, CnnMapKind kind);
CnnGallery *widgets_gallery (guint n, guint width, guint height, guint channels, gboolean kernels);
/** @n classes "class 0", …; @winner has probability @p, the rest falls off. */
CnnPrediction *widgets_prediction (guint n, guint winner, float p);
