/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "viz-window-private.h"

#include <glib/gi18n.h>

static gboolean
check_size (GdkTexture *texture, GError **error)
{
  int width = gdk_texture_get_width (texture), height = gdk_texture_get_height (texture);

  if (width <= CNN_MAX_IMAGE_SIDE && height <= CNN_MAX_IMAGE_SIDE &&
      (gint64)width * height <= CNN_MAX_IMAGE_PIXELS)
    return TRUE;
  g_set_error (error, CNN_ERROR, CNN_ERROR_INPUT,
               _ ("The picture has %d x %d pixels; up to %d on a side and %d million in all are taken."),
               width, height, CNN_MAX_IMAGE_SIDE, (int)(CNN_MAX_IMAGE_PIXELS >> 20));
  return FALSE;
}

/* A picture from the clipboard or dropped as such. GDK hands out premultiplied pixels in the machine's order.
 */
static CnnImage *
image_of_texture (GdkTexture *texture, GError **error)
{
  gsize width = (gsize)gdk_texture_get_width (texture), height = (gsize)gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = NULL;
  g_autofree guint8 *rgba = NULL;

  if (!check_size (texture, error))
    return NULL;
  pixels = g_new (guint32, width * height);
  rgba = g_malloc (width * height * 4);
  gdk_texture_download (texture, (guchar *)pixels, width * 4);
  for (gsize i = 0; i < width * height; i++) {
    guint alpha = pixels[i] >> 24;

    for (guint c = 0; c < 3; c++) {
      guint value = (pixels[i] >> (16 - 8 * c)) & 0xff;

      rgba[4 * i + c] = (guint8)(alpha == 0 ? 0 : MIN (255, (value * 255 + alpha / 2) / alpha));
    }
    rgba[4 * i + 3] = (guint8)alpha;
  }
  return cnn_image_new ((guint)width, (guint)height, rgba);
}

static void
convert_thread (GTask *task, gpointer window, gpointer texture, GCancellable *cancellable)
{
  GError *error = NULL;
  CnnImage *image = image_of_texture (texture, &error);

  if (image != NULL)
    g_task_return_pointer (task, image, (GDestroyNotify)cnn_image_unref);
  else
    g_task_return_error (task, error);
}

static void
on_converted (GObject *object, GAsyncResult *result, gpointer data)
{
  VizWindow *self = VIZ_WINDOW (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (CnnImage) image = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->document == NULL)
    return;
  if (image != NULL)
    viz_document_set_image (self->document, image, NULL);
  else
    viz_document_report_error (self->document, error);
}

/* A photo has millions of pixels to turn around, which the main loop does not wait for. */
static void
take_texture (VizWindow *self, GdkTexture *texture)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_converted, NULL);

  viz_document_clear_error (self->document);
  g_task_set_task_data (task, g_object_ref (texture), g_object_unref);
  g_task_run_in_thread (task, convert_thread);
}

static void
open_list (VizWindow *self, GSList *list)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  for (; list != NULL; list = list->next)
    g_ptr_array_add (files, list->data);
  viz_window_open_files (self, (GFile **)files->pdata, files->len);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, VizWindow *self)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST)) {
    open_list (self, g_value_get_boxed (value));
  } else if (G_VALUE_HOLDS (value, G_TYPE_FILE)) {
    GFile *file = g_value_get_object (value);

    viz_window_open_files (self, &file, 1);
  } else if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE)) {
    take_texture (self, g_value_get_object (value));
  } else {
    return FALSE;
  }
  return TRUE;
}

void
viz_window_add_drop_target (VizWindow *self)
{
  GType types[] = { GDK_TYPE_FILE_LIST, G_TYPE_FILE, GDK_TYPE_TEXTURE };
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static void
on_pasted (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  g_autoptr (VizWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture =
      gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (clipboard), result, &error);

  if (texture != NULL)
    take_texture (self, texture);
  else
    viz_window_toast (self, _ ("There is no picture on the clipboard."));
}

static void
on_files_pasted (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  g_autoptr (VizWindow) self = data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (clipboard), result, NULL);

  if (value != NULL)
    open_list (self, g_value_get_boxed (value));
}

void
viz_window_paste (VizWindow *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));

  if (gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, on_files_pasted,
                                    g_object_ref (self));
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, on_pasted, g_object_ref (self));
}
