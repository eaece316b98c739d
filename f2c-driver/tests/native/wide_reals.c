#include <stdio.h>

void reals_(double *, double *);

int main(void) {
    double out[24] = {0}, c[2] = {1.5, 2.5};
    reals_(out, c);
    for (int i = 0; i < 24; i++) printf("%d %.15g\n", i + 1, out[i]);
    printf("%.15g %.15g\n", c[0], c[1]);
}
