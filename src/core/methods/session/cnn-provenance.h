/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "methods/cnn-method.h"

G_BEGIN_DECLS

/**
 * cnn_method_make_provenance:
 * @method: (nullable): %NULL for what is no method's, then @request is not read
 *
 * How a result comes about: program, network, picture and preprocessing, and the method with its class,
 * modifier, layer and parameters. (transfer full): a{sv}
 */
GVariant *cnn_method_make_provenance (const CnnMethod *method, CnnSession *session,
                                      const CnnMethodRequest *request) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
