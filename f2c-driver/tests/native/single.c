#include <stdio.h>

void single_(double *, float *, double *, double *);

int main(void) {
    double x = 0.1, out[38] = {0}, c[2] = {1.5, 2.5};
    float s = 1.7f;
    single_(&x, &s, out, c);
    for (int i = 0; i < 38; i++) printf("%d %.17g\n", i + 1, out[i]);
}
