subroutine s(a, p)
  real a(:)
end
subroutine t
  type :: point
    real x
  end type
end
subroutine u(b)
  real b(5,5)
  call v(b(1, 2:3))
  if (maxval(b(:,1)) > 0) then
  else if (sum(b(:,2)) > 0) then
  end if
end
subroutine w(x)
  real, pointer :: x
end
subroutine y(c)
  real c(9)
  c(2:9) = c(1:8)
  c = matmul(c, c)
end
module m
end module
