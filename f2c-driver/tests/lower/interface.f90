subroutine s(f, x)
  interface
    double precision function f(t)
      double precision, intent(in) :: t
    end function f
  end interface
  double precision :: x
  x = f(x)
end subroutine
