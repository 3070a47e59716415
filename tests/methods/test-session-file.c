/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include <string.h>

#include "methods/session/cnn-session-file.h"
#include "model/cnn-error.h"

static CnnSavedSession *
make_session (const char *model, const char *image)
{
  CnnSavedSession *self = cnn_saved_session_new ();

  self->model = g_strdup (model);
  self->image = g_strdup (image);
  self->method = g_strdup ("occlusion");
  self->layer = g_strdup ("block \"1\"/conv\n2");
  self->class_index = 3;
  self->opacity = 0.25;
  self->occluder = TRUE;
  for (int i = 0; i < 4; i++)
    self->occluder_rect[i] = i + 5;
  self->evaluated = g_strdup ("/a/folder \xff");
  self->mistakes_sort = g_strdup ("loss");
  cnn_saved_session_add_image (self, image, NULL);
  cnn_saved_session_add_param (self, "occlusion", "stride", "4");
  return self;
}

static void
test_round_trip (void)
{
  g_autoptr (CnnSavedSession) self = make_session ("/a/model \xc3\xa4.h5", "/b/\xff.png");
  g_autofree char *text = cnn_saved_session_to_json (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnSavedSession) again = cnn_saved_session_from_json (text, strlen (text), "test", &error);
  g_autofree char *second = NULL;
  const CnnSavedParam *param;

  g_assert_no_error (error);
  g_assert_true (cnn_session_file_recognise (text, strlen (text)));
  g_assert_cmpstr (again->model, ==, self->model);
  g_assert_cmpstr (again->image, ==, self->image);
  g_assert_cmpstr (again->layer, ==, self->layer);
  g_assert_null (again->view);
  g_assert_cmpstr (again->evaluated, ==, self->evaluated);
  g_assert_cmpstr (again->mistakes_sort, ==, "loss");
  g_assert_null (again->mistakes_show);
  g_assert_cmpint (again->class_index, ==, 3);
  g_assert_cmpint (again->filter, ==, -1);
  g_assert_cmpfloat (again->opacity, ==, 0.25);
  g_assert_true (again->occluder);
  g_assert_cmpint (again->occluder_rect[3], ==, 8);
  g_assert_cmpuint (again->images->len, ==, 1);
  param = again->params->pdata[0];
  g_assert_cmpstr (param->method, ==, "occlusion");
  g_assert_cmpstr (param->value, ==, "4");
  second = cnn_saved_session_to_json (again);
  g_assert_cmpstr (second, ==, text);
}

static void
test_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("cnn-session-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.json", NULL);
  g_autofree char *model = g_build_filename (folder, "net.h5", NULL);
  g_autoptr (CnnSavedSession) self = make_session ("net.h5", "gone.png");
  g_autoptr (CnnSavedSession) again = NULL, hashed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (model, "abc", 3, NULL));
  g_assert_true (cnn_session_file_write (self, path, &error));
  g_assert_no_error (error);
  g_assert_true (cnn_session_file_is (path));
  g_assert_false (cnn_session_file_is (model));
  g_assert_false (cnn_session_file_is (folder));
  again = cnn_session_file_read (path, &error);
  g_assert_no_error (error);
  /* relative paths belong to the session's folder */
  g_assert_cmpstr (again->model, ==, model);
  g_assert_null (again->model_hash);
  cnn_saved_session_hash (again, NULL);
  g_assert_true (cnn_session_file_write (again, path, &error));
  hashed = cnn_session_file_read (path, &error);
  g_assert_cmpstr (hashed->model_hash, ==,
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_null (hashed->image_hash);
  g_unlink (path);
  g_assert_null (cnn_session_file_read (path, &error));
  g_assert_error (error, CNN_ERROR, CNN_ERROR_FILE);
  g_unlink (model);
  g_rmdir (folder);
}

static void
test_hostile (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "{}",
    "{\"cnnviz-session\": 2}",
    "{\"cnnviz-session\": \"1\"}",
    "{\"cnnviz-session\": 1, \"model\": 3}",
    "{\"cnnviz-session\": 1, \"class\": 1e300}",
    "{\"cnnviz-session\": 1, \"class\": -2}",
    "{\"cnnviz-session\": 1, \"filter\": 1.5}",
    "{\"cnnviz-session\": 1, \"opacity\": 2}",
    "{\"cnnviz-session\": 1, \"opacity\": NaN}",
    "{\"cnnviz-session\": 1, \"opacity\": Infinity}",
    "{\"cnnviz-session\": 1, \"occluder\": 1}",
    "{\"cnnviz-session\": 1, \"occluder-rect\": [1, 2, 3]}",
    "{\"cnnviz-session\": 1, \"occluder-rect\": [1, 2, 3, -4]}",
    "{\"cnnviz-session\": 1, \"images\": [1]}",
    "{\"cnnviz-session\": 1, \"images\": {}}",
    "{\"cnnviz-session\": 1, \"parameters\": [{\"method\": \"occlusion\"}]}",
    "{\"cnnviz-session\": 1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    CnnSavedSession *self = cnn_saved_session_from_json (bad[i], strlen (bad[i]), "bad.json", &error);

    if (self != NULL)
      g_test_message ("accepted: %s", bad[i]);
    g_assert_null (self);
    g_assert_nonnull (error);
    g_assert_nonnull (strstr (error->message, "bad.json"));
    g_assert_null (strchr (error->message, '\n'));
  }
}

static void
test_prefixes (void)
{
  g_autoptr (CnnSavedSession) self = make_session ("/a/net.h5", "/b/c.png");
  g_autofree char *text = cnn_saved_session_to_json (self);
  gsize length = strlen (text);

  /* the closing brace and the line feed are the last two */
  for (gsize n = 0; n < length - 1; n++) {
    g_autofree char *cut = g_memdup2 (text, n + 1);
    g_autoptr (GError) error = NULL;

    g_assert_null (cnn_saved_session_from_json (cut, n, "cut", &error));
    g_assert_nonnull (error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session-file/round-trip", test_round_trip);
  g_test_add_func ("/session-file/file", test_file);
  g_test_add_func ("/session-file/hostile", test_hostile);
  g_test_add_func ("/session-file/prefixes", test_prefixes);
  return g_test_run ();
}
