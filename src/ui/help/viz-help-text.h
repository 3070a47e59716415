/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  VIZ_HELP_TEXT,
  VIZ_HELP_HEADING,
  VIZ_HELP_ITEM,   /* of a list */
  VIZ_HELP_METHODS /* stands for all methods that the program has; no text */
} VizHelpKind;

/** A paragraph of a page of the help, not yet translated. A page ends with a NULL text of kind VIZ_HELP_TEXT.
 */
typedef struct {
  VizHelpKind kind;
  const char *text;
} VizHelpParagraph;

typedef struct {
  const char *id;
  const char *title;                  /* to be translated */
  const VizHelpParagraph *paragraphs; /* NULL: the tour */
} VizHelpPage;

/** A step of the guided tour: what to see, and the actions of the window that show it. */
typedef struct {
  const char *title, *text; /* to be translated */
  const char *actions[6];   /* "name(parameter as GVariant text)", ends with NULL */
} VizHelpStep;

/** The pages in their order; the last has a NULL id. */
const VizHelpPage *viz_help_pages (void);
/** The steps of the tour; the last has a NULL title. */
const VizHelpStep *viz_help_tour (void);
/** What a map of a method shows and when it misleads, to be translated; "" for a method without such words.
 */
const char *viz_help_of_method (const char *name);

G_END_DECLS
