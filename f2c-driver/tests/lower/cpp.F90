#define KIND8 8
#define ADD(a, b) ((a) + (b))
#if defined(MISSING) || (KIND8 > 4 && !defined(KIND9))
subroutine s(x) ! ADD(no, comment)
#else
subroutine t(x)
#endif
  real(KIND8) :: x
  x = ADD(x, 1) // 'ADD(1,2)'
#ifdef _OPENMP
  call omp
#elif KIND8 == 8
  call line(__LINE__)
#endif
end
