/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-memory.h"

#include "methods/session/cnn-session-file.h"

char *
viz_memory_path (CnnModel *model)
{
  g_autofree char *name = g_strconcat (cnn_model_get_hash (model), ".json", NULL);

  return g_build_filename (g_get_user_data_dir (), "cnn-viz", "networks", name, NULL);
}

char *
viz_memory_text (VizDocument *document)
{
  const VizChoices *c = viz_document_get_choices (document);
  const CnnModelSetup nothing = { 0 };
  g_autoptr (CnnSavedSession) saved = NULL;

  if (viz_document_is_guessed (document) && cnn_model_setup_equal (&c->setup, &nothing))
    return NULL;
  saved = cnn_saved_session_new ();
  saved->model = g_strdup (viz_document_get_model_path (document));
  saved->labels = g_strdup (c->setup.labels);
  saved->output = g_strdup (c->setup.output);
  saved->input_size = g_strdup (c->setup.size);
  saved->inputs = g_strdup (c->setup.inputs);
  saved->rotate = g_strdup (c->setup.rotate);
  if (!viz_document_is_guessed (document)) {
    saved->preprocess = cnn_preprocess_to_string (&c->preprocess);
    saved->fit = g_strdup (cnn_fit_name (c->preprocess.fit));
  }
  return cnn_saved_session_to_json (saved);
}
