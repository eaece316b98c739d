#include <complex.h>
#include <stdio.h>
float _Complex cturn_(float _Complex *);
double _Complex zmean_(int *, double _Complex *);
double _Complex zcall_(double _Complex (*)(double _Complex *), double _Complex *);
static double _Complex twice(double _Complex *z) { return *z * 2; }
int main(void) {
    int n = 2;
    float _Complex c = 1 + 2 * I;
    double _Complex z[2] = {1 + 4 * I, 3 - 2 * I}, r;
    c = cturn_(&c);
    printf("%g %g\n", crealf(c), cimagf(c));
    r = zmean_(&n, z);
    printf("%g %g\n", creal(r), cimag(r));
    r = zcall_(twice, z);
    printf("%g %g\n", creal(r), cimag(r));
    return 0;
}
