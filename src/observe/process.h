#pragma once
/* The process's own metrics, under the names that Prometheus' client libraries share. */
#include "base/buf.h"

/* Append CPU seconds, resident bytes, open files and their limit, start time. What the kernel does
 * not tell is left out. Linux: reads /proc/self. */
void process_metrics_write(struct buf *buf);
